//! The program: one verdict, one exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    match borgerpanel::cli::run(std::env::args_os()) {
        Ok(verdict) => verdict.into(),
        Err(error) if error.is_broken_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            borgerpanel::console::write_complaint(format_args!("borgerpanel: {error}"));
            ExitCode::from(2)
        }
    }
}
