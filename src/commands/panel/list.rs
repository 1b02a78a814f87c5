//! `borgerpanel panel list`: the panels, and how many members each has.

use serde_json::json;

use crate::cli::{PanelListArgs, Verdict};
use crate::console::say;
use crate::error::Result;
use crate::store::members::Members;

/// Runs the command.
pub fn run(args: &PanelListArgs) -> Result<Verdict> {
    let members = Members::open(&args.at.data)?;
    let panels = members.sizes().map_err(|error| error.at("read", members.path()))?;
    if args.json {
        let line = |one: &crate::store::members::member::Size| json!({ "panel": one.panel, "members": one.members, "unconfirmed": one.unconfirmed });
        say!("{}", serde_json::Value::from(panels.iter().map(line).collect::<Vec<_>>()))?;
        return Ok(Verdict::Fine);
    }
    if panels.is_empty() {
        say!("nobody has signed up yet")?;
    }
    for one in &panels {
        say!("{}: {} members, {} not confirmed", one.panel, one.members, one.unconfirmed)?;
    }
    Ok(Verdict::Fine)
}
