"""Inputs and events of the contract that are no small file: what becomes of them, and the test that shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens to a run.

    Attributes:
        number: Of the list of inputs in the contract.
        what: What happens.
        outcome: What becomes of it.
        test: File and function that show it.
    """

    number: int
    what: str
    outcome: str
    test: str


EVENTS: tuple[Event, ...] = (
    Event(28, "fit on one row", "exit 3: a series needs at least 2",
          "workflows/test_odd_events.py::test_one_row_is_nothing_to_learn_from"),
    Event(29, "less history than a window at predict", "forecast by padding, the model's history before it",
          "workflows/test_odd_events.py::test_history_shorter_than_a_window_is_padded"),
    Event(30, "some series shorter than a window", "forecast by padding, and that is said; `--on-error skip` is for "
          "series that cannot be read", "workflows/test_skipping.py::test_fit_skips_too_and_both_end_with_9"),
    Event(41, "observations that are still to come", "a warning of fit and check; `predict --max-lag` is exit 3",
          "workflows/test_freshness.py::test_fit_warns_of_a_table_of_plans"),
    Event(42, "a million columns", "exit 3 within bounded memory: at most 100,000",
          "data/sources/test_hostile_sizes.py::test_a_million_columns_are_refused"),
    Event(43, "more rows than the memory holds", "exit 4 before they are read",
          "data/sources/test_containers.py::test_file_larger_than_the_memory_is_refused"),
    Event(44, "a line of more than 8 MiB", "exit 3: a line is longer than 8 MiB",
          "data/sources/test_hostile_sizes.py::test_line_without_end_is_refused_within_bounded_memory"),
    Event(45, "ids that are paths", "never part of a file name",
          "data/test_odd_files.py::test_odd_file_has_its_outcome"),
    Event(48, "gzip, zstd, bzip2, xz or zip bomb", "exit 3: more than 8 GiB, or 100 times a file of more than 256 MiB",
          "data/sources/test_hostile_sizes.py::test_bomb_is_stopped_within_bounded_memory"),
    Event(49, "standard input that ends early", "read to its end; half a row is exit 3, nothing is exit 3 with "
          "`pipefail` as the hint", "data/test_reading_refusals.py::test_empty_stdin_points_at_the_command_before"),
    Event(50, "output that is the input", "exit 2", "cli/test_errors.py::test_output_on_its_own_input_is_refused"),
    Event(51, "a folder as DATA", "exit 4; a pattern in quotes names the files of a folder",
          "data/test_reading_refusals.py::test_folder_is_an_access_error"),
    Event(51, "a named pipe or /dev/stdin as DATA", "read", "workflows/test_odd_events.py::test_named_pipe_is_read"),
    Event(52, "permission denied", "exit 4", "data/test_reading_refusals.py::test_unreadable_file_is_an_access_error"),
    Event(53, "disk full while writing", "exit 4, the old file is whole, no debris",
          "cli/test_crashes.py::test_full_disk_is_exit_4_and_loses_nothing"),
    Event(54, "read-only model folder", "predict works, fit is exit 4",
          "cli/test_crashes.py::test_read_only_folder_is_enough_to_predict_and_not_to_fit"),
    Event(55, "killed while writing", "the old or the new file, whole",
          "cli/test_crashes.py::test_kill_at_any_moment_leaves_whole_files"),
    Event(56, "power loss", "file and folder are flushed before the rename",
          "data/test_files.py::test_file_is_replaced_as_a_whole"),
    Event(57, "two runs that write one model", "the second is exit 8, or waits with `--wait`",
          "cli/test_unattended.py::test_a_second_fit_of_the_same_model_ends_with_8"),
    Event(58, "the clock of the machine jumps", "durations are taken from the steady clock, stamps are UTC",
          "cli/test_unattended.py::test_log_gets_one_line_per_run"),
    Event(59, "standard output closed", "exit 4", "cli/test_streams.py::test_closed_stdout_is_an_access_error"),
    Event(59, "the reader of the pipe goes away", "exit 141, silent",
          "cli/test_streams.py::test_reader_that_leaves_ends_the_run_silently"),
    Event(60, "columns that the model does not know", "exit 5, all that are missing are named; the order is free",
          "workflows/test_odd_events.py::test_table_of_another_form_does_not_fit_the_model"),
    Event(61, "another frequency than the model's", "exit 5",
          "workflows/test_odd_events.py::test_table_of_another_form_does_not_fit_the_model"),
    Event(62, "future covariates that end early", "exit 3 with covariate, series and first missing timestamp",
          "data/rows/test_missing_future.py::test_missing_future_names_covariate_series_and_timestamp"),
    Event(64, "values far from those of the training", "forecast: every window is put on its own scale",
          "workflows/test_odd_events.py::test_values_far_from_the_training_are_forecast_on_their_own_scale"),
    Event(65, "a model file cut off or changed", "exit 5", "test_artifact_damage.py::test_load_notices_any_damage"),
    Event(66, "weights of another shape", "exit 5", "test_artifact_damage.py::test_load_notices_any_damage"),
    Event(67, "a model.json of wrong types, or too large", "exit 5",
          "test_artifact_damage.py::test_load_refuses_a_description_beyond_all_measure"),
    Event(68, "a pickle given as a model", "exit 5, never opened",
          "workflows/test_odd_events.py::test_pickle_is_no_model"),
    Event(69, "a bundle with `../` in it", "a bundle is a folder that is written, none is ever unpacked",
          "workflows/test_bundle.py::test_bundle_replaces_a_bundle_and_nothing_else"),
    Event(70, "an ONNX file with weights in other files", "exit 5",
          "runtime/test_exported.py::test_weights_in_other_files_are_refused"),
    Event(71, "an ONNX file of others", "exit 5: only files with the description that export writes are run",
          "runtime/test_exported.py::test_a_file_of_another_program_is_refused"),
    Event(72, "somebody else's link in the folder", "temporary files have names nobody can guess, made new",
          "data/test_files.py::test_failure_leaves_the_old_file_and_no_debris"),
    Event(73, "output that is a link", "written through to where it leads",
          "data/test_files.py::test_symbolic_link_is_written_through"),
    Event(74, "formulas in the names of series", "untouched in tables, escaped in pages; `--spreadsheet-safe`",
          "data/output/test_spreadsheets.py::test_formulas_are_neutralised"),
    Event(76, "a tsforecast.toml of others", "settings only, the unknown is exit 2; predict takes its model's",
          "cli/test_settings.py::test_mistake_in_the_file_names_the_place"),
    Event(77, "an environment variable that makes no sense", "exit 2 naming it",
          "cli/test_settings.py::test_bad_variable_is_named"),
    Event(78, "Ctrl-C while fitting", "exit 130, the old model is untouched; `--keep-on-interrupt` keeps the best",
          "cli/test_errors.py::test_signal_cleans_up_and_has_its_own_code"),
    Event(79, "a loss that explodes", "the steps are taken back; the classic preset reports it and changes nothing",
          "training/test_loop.py::test_run_goes_back_to_the_best_weights_after_an_explosion"),
    Event(80, "another locale", "the same bytes", "cli/test_startup.py::test_locale_changes_no_byte"),
)  # fmt: skip
