"""Every fault of the first rank, in sandboxes and in git, has a test by name; those of sandboxes against every kind of them."""

import ast
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
ATTACKS, GIT, USER = "trust/test_attacks.py", "trust/test_git_attacks.py", "trust/test_users_repository.py"
ALL_KINDS = {"attack", "backend", "sandbox", "shell", "python"}
"""Fixtures that stand for every kind of sandbox in turn; `attack` also for every rank of user."""

SANDBOX = {
    "S1 a key in the environment": (
        (ATTACKS, "test_a_secret_in_swarms_environment_is_in_no_process_inside"),
        ("sandboxes/test_commands.py", "test_nothing_of_the_environment_is_inherited"),
    ),
    "S2 a key in the environment of the launcher": ((ATTACKS, "test_a_secret_in_swarms_environment_is_in_no_process_inside"),),
    "S3 settings of the kernel": (
        (ATTACKS, "test_no_setting_of_the_kernel_can_be_written"),
        (ATTACKS, "test_nobody_inside_is_root_outside"),
    ),
    "S5 what the user has at home": ((ATTACKS, "test_the_users_own_files_are_not_there"),),
    "S6 writing outside of the worktree": (
        (ATTACKS, "test_nothing_outside_the_worktree_and_its_scratch_can_be_written"),
        (ATTACKS, "test_only_the_tree_and_its_scratch_can_be_written_anywhere"),
    ),
    "S7 the network": (
        (ATTACKS, "test_the_network_is_not_there"),
        (ATTACKS, "test_no_client_of_the_network_reaches_a_listener_of_the_machine"),
    ),
    "S8 services and sockets of the machine": ((ATTACKS, "test_the_network_is_not_there"),),
    "S17 what a command leaves running": (
        (ATTACKS, "test_daemons_die_with_the_command_that_left_them"),
        ("sandboxes/test_commands.py", "test_time_is_limited_and_ends_even_what_ignores_to_be_asked"),
    ),
    "S18 a fork bomb": ((ATTACKS, "test_a_fork_bomb_meets_its_limit"),),
    "S19 a memory bomb": ((ATTACKS, "test_memory_meets_its_limit"),),
}
ELSEWHERE = {
    "S11 a sandbox that cannot start": (
        ("sandboxes/test_choice.py", "test_where_there_is_neither_both_are_named"),
        ("sandboxes/test_choice.py", "test_a_bubblewrap_that_does_not_work_is_none"),
        ("sandboxes/test_choice.py", "test_a_launcher_that_only_pretends_is_found_out"),
        ("sandboxes/test_choice.py", "test_a_filter_that_the_kernel_refuses_is_no_sandbox"),
        ("sandboxes/test_choice.py", "test_where_user_namespaces_are_off_there_is_no_bubblewrap"),
        (USER, "test_without_a_sandbox_nothing_is_run_and_the_exit_code_is_seven"),
    ),
    "S17 what a killed swarm leaves running": (
        ("sandboxes/test_bubblewrap.py", "test_killing_swarm_itself_ends_all_that_ran_inside"),
        (
            "sandboxes/test_docker.py",
            "test_killing_swarm_itself_ends_all_that_ran_inside_and_the_next_start_removes_the_rest",
        ),
        ("trust/test_hundred_ends.py", "test_of_a_hundred_sandboxes_nothing_is_left_after_the_next_start"),
    ),
    "S24 a repository that sets up the tool": (
        (USER, "test_no_program_that_the_repository_names_is_started_outside_nor_git_where_an_agent_writes"),
        ("settings/test_trust.py", "test_a_repository_neither_opens_the_sandbox_nor_spends_money_untrusted"),
        ("settings/test_trust.py", "test_a_repository_cannot_bring_its_own_trust"),
    ),
    "S25 readers outside that are led astray": (
        ("trust/test_agent_tools.py", "test_no_tool_leads_out_of_the_sandbox"),
        (GIT, "test_files_that_are_swapped_while_they_are_brought_out_lead_nowhere_else"),
        ("sandboxes/test_mirror.py", "test_a_folder_that_is_a_link_is_not_walked"),
        ("sandboxes/test_mirror.py", "test_special_files_stay_out_and_nothing_waits_for_them"),
    ),
    "G1 the user's git folder": (
        (GIT, "test_an_agent_that_plants_traps_in_git_and_spoils_objects_reaches_neither_the_user_nor_the_mirror"),
        (GIT, "test_the_same_traps_would_catch_the_user_where_an_agent_reaches_his_repository"),
    ),
    "G2 git outside in an agent's folder": (
        (USER, "test_no_program_that_the_repository_names_is_started_outside_nor_git_where_an_agent_writes"),
    ),
    "G3 nested repositories": (
        ("sandboxes/test_mirror.py", "test_a_nested_repository_runs_nothing_and_its_files_come_in"),
        ("sandboxes/test_mirror.py", "test_no_git_folder_comes_in_under_any_name"),
    ),
    "G4 settings that git would heed": (
        ("sandboxes/test_repository.py", "test_nothing_that_settings_name_is_ever_run"),
        (GIT, "test_git_is_started_in_one_place_only"),
    ),
    "G7 objects that two repositories share": (
        (GIT, "test_an_agent_that_plants_traps_in_git_and_spoils_objects_reaches_neither_the_user_nor_the_mirror"),
        ("sandboxes/test_history.py", "test_the_history_cannot_be_written"),
    ),
    "G9 the user's bytes": (
        (USER, "test_after_a_run_that_ends_well"),
        (USER, "test_after_a_run_that_fails"),
        (USER, "test_after_a_run_that_is_killed_and_resumed_and_killed_again"),
        (USER, "test_while_the_user_holds_the_lock_of_the_index"),
        ("sandboxes/test_repository.py", "test_a_delivery_changes_no_byte_of_the_user_but_its_references"),
    ),
    "G10 the user's work": (
        ("sandboxes/test_landing.py", "test_what_is_in_the_way_is_named_and_nothing_is_changed"),
        ("sandboxes/test_landing.py", "test_killed_before_any_of_its_effects_it_can_be_done_again"),
    ),
    "G11 a user who goes on working": (
        (USER, "test_while_the_user_commits_and_fetches"),
        ("sandboxes/test_landing.py", "test_a_branch_that_moved_meanwhile_is_left_where_it_is"),
        ("stories/test_merge.py", "test_what_is_in_the_way_changes_nothing_and_a_head_that_moved_is_merged_with"),
    ),
    "G19 a patch that acts later": (
        (GIT, "test_a_patch_that_adds_what_acts_later_is_for_a_person_to_see"),
        ("evidence/test_verdict.py", "test_a_right_fix_that_touches_more_is_for_a_person_to_see"),
    ),
}


@cache
def asked_in(file: str) -> dict[str, set[str]]:
    """The tests of a file, each with the fixtures and parameters that it asks for."""
    module = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    found = [node for node in module.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    return {node.name: {argument.arg for argument in node.args.args} for node in found}


@pytest.mark.parametrize(("row", "proofs"), (SANDBOX | ELSEWHERE).items(), ids=lambda each: each if isinstance(each, str) else "")
def test_a_fault_of_the_first_rank_has_its_tests(row: str, proofs: tuple[tuple[str, str], ...]):
    assert [name for file, name in proofs if name not in asked_in(file)] == [], row


@pytest.mark.parametrize(("row", "proofs"), SANDBOX.items(), ids=lambda each: each if isinstance(each, str) else "")
def test_a_fault_of_sandboxes_is_tried_in_every_kind_of_them(row: str, proofs: tuple[tuple[str, str], ...]):
    for file, name in proofs:
        assert asked_in(file)[name] & ALL_KINDS, (row, name)
