//! Tests that need more of the machine: Python with packages, tmux, another user, a private file system. If something
//! is missing, they are ignored, counted and listed with the reason; with `SIMAGES_TEST_ALL=1` they fail.

#[path = "../common/mod.rs"]
mod common;
mod disk;
mod missing;
mod numpy;
mod python;
mod scripting;
mod threads;
mod tmux;

use libtest_mimic::Arguments;
use missing::trial;

/// The tests, named after their modules.
macro_rules! trials {
    ($($module:ident: $($test:ident)*;)*) => {
        vec![$($(trial(concat!(stringify!($module), "::", stringify!($test)), $module::$test),)*)*]
    };
}

fn main() {
    // A test not listed here is dead code, and the compiler warns about it.
    let trials = trials! {
        disk:
            a_cache_that_cannot_be_written_either_is_named
            a_folder_or_file_that_is_mounted_twice_is_one
            a_folder_that_turns_read_only_is_named_and_its_rows_are_not_lost
            a_full_disk_is_named_and_costs_nothing_that_was_stored
            a_picture_without_permission_is_listed
            a_read_only_folder_is_indexed_in_the_cache
            what_a_full_disk_has_no_room_for_is_kept_in_the_cache;
        numpy:
            a_file_by_numpy_is_adopted_if_its_rows_are_right
            a_file_by_numpy_with_wrong_rows_is_kept_aside
            a_file_of_somebody_elses_is_never_lost
            numpy_reads_a_file_without_rows
            numpy_reads_and_writes_columns
            numpy_reads_many_rows_and_blocks_begin_where_the_table_says
            numpy_reads_ours_without_pickle
            numpy_sees_which_rows_are_absent
            we_read_many_rows_of_numpys_and_name_the_one_that_is_not_finite
            we_read_what_numpy_writes
            what_is_no_feature_matrix_is_refused_and_says_why;
        scripting:
            examples_of_the_page_print_what_it_shows;
        threads:
            with_any_number_of_threads_all_is_indexed_or_threads_are_what_is_missing;
        tmux:
            a_killed_pane_of_tmux_keeps_what_was_computed;
    };
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials);
    missing::tell();
    conclusion.exit();
}
