/* Keeps, beside a folder, a shadow of it: only what a power cut would leave. Loaded with LD_PRELOAD.
 *
 * When a file below $POWERCUT_FOLDER is synced, its content goes to $POWERCUT_SHADOW/data-INODE; when a folder is synced,
 * its names go to $POWERCUT_SHADOW/names-INODE. Both are replaced in one step, and nothing else ever gets there.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int is_watched(int fd) {
    char link[64], path[PATH_MAX];
    const char *folder = getenv("POWERCUT_FOLDER");
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (folder == NULL || length < 0) return 0;
    path[length] = 0;
    size_t prefix = strlen(folder);
    return strncmp(path, folder, prefix) == 0 && (path[prefix] == '/' || path[prefix] == 0);
}

static void copy_content(int fd, int to) {
    static __thread char buffer[1 << 16];
    off_t at = 0;
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int from = open(path, O_RDONLY | O_CLOEXEC);
    for (ssize_t got; (got = pread(from, buffer, sizeof buffer, at)) > 0; at += got)
        if (write(to, buffer, got) != got) abort();
    close(from);
}

static void copy_names(int fd, int to) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    DIR *folder = opendir(path);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (entry->d_name[0] != '.') dprintf(to, "%llu %s\n", (unsigned long long)entry->d_ino, entry->d_name);
    closedir(folder);
}

static int keep(int fd) {
    struct stat status;
    char draft[PATH_MAX], kept[PATH_MAX];
    const char *shadow = getenv("POWERCUT_SHADOW");
    if (fstat(fd, &status) != 0) return -1;
    if (shadow == NULL || !is_watched(fd)) return 0;
    /* One at a time: whoever copied first must not put its older copy into the place of a newer one. */
    int turn = open(shadow, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (turn < 0 || flock(turn, LOCK_EX) != 0) abort();
    int is_folder = S_ISDIR(status.st_mode);
    snprintf(draft, sizeof draft, "%s/draft-%d-%llu", shadow, gettid(), (unsigned long long)status.st_ino);
    snprintf(kept, sizeof kept, "%s/%s-%llu", shadow, is_folder ? "names" : "data", (unsigned long long)status.st_ino);
    int to = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (to < 0) abort();
    if (is_folder) copy_names(fd, to);
    else copy_content(fd, to);
    close(to);
    if (rename(draft, kept) != 0) abort();
    close(turn);
    return 0;
}

int fsync(int fd) { return keep(fd); }
int fdatasync(int fd) { return keep(fd); }
