//! The kiosk as a machine: what systemd is told, what is installed, and the browser that is watched.

#![cfg(target_os = "linux")]

mod handbook;
mod installed;
mod package;
mod shell;
mod told;
