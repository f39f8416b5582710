"""What tests are called by those who write them."""

TEST_FOLDERS = ("test", "tests")
TEST_FILES = ("test_*.py", "*_test.py", "tests.py")
