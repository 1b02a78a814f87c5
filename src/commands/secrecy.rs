//! What a server's process leaves nobody: no picture of its memory, where answers are in the clear for
//! as long as a visitor's form is judged.

use crate::console::complain;

/// From here on a crash writes no core file, and no other process of the same user may look into this
/// one's memory. Swap is the machine's matter: the kiosk's handbook says to have none.
pub fn leave_no_dump() {
    if let Err(error) = forbid() {
        complain!(
            "borgerpanel: a crash could write answers to the disk: core dumps cannot be switched off \
             ({error})\n  help: start it with `ulimit -c 0`"
        );
    }
}

/// The limit stops the kernel's own files; where they are piped to a program (`core_pattern` with
/// `|`), which ignores the limit, only a process that is not dumpable leaves nothing.
#[cfg(unix)]
fn forbid() -> std::io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    }
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    // The kiosk's unit has set it, and then allows no change.
    if getrlimit(Resource::Core) != none {
        setrlimit(Resource::Core, none)?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn forbid() -> std::io::Result<()> {
    // Windows writes dumps where an administrator asked for them, and nowhere else.
    Ok(())
}
