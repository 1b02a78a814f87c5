//! What the staff pages have worked out: by the commands that do the same for the console.

use std::path::PathBuf;
use std::sync::Arc;

use super::backup::rotation::troubles;
use super::settings::CentralSettings;
use crate::clock::Clock;
use crate::commands::invite;
use crate::commands::panel::composition;
use crate::commands::results::{self, Place};
use crate::error::Result;
use crate::server::staff::bureau::{Bureau, Composed, Draft, Outlook, Quality};
use crate::store::Central;

/// The commands, with the folders they work on.
pub struct CommandBureau {
    /// The central's folder.
    pub data: PathBuf,
    pub content: PathBuf,
    pub theme: Option<PathBuf>,
    pub central: Arc<Central>,
    pub clock: Arc<dyn Clock>,
}

impl CommandBureau {
    fn place(&self) -> Place<'_> {
        Place { data: &self.data, content: &self.content, theme: self.theme.as_deref() }
    }
}

impl Bureau for CommandBureau {
    fn draft(&self, survey: &str) -> Result<Draft> {
        results::draft(self.place(), survey)
    }

    fn quality(&self, survey: &str) -> Result<Quality> {
        results::quality(self.place(), survey)
    }

    fn outlook(&self, survey: &str) -> Result<Outlook> {
        invite::look_ahead(&self.data, &self.content, survey, self.clock.as_ref())
    }

    fn composition(&self, panel: &str) -> Result<Composed> {
        composition::compose(&self.data, &self.content, panel, self.clock.as_ref())
    }

    fn has_failing_backups(&self) -> Result<bool> {
        let settings = CentralSettings::load(&self.data)?.backup;
        Ok(!troubles(&self.central, &self.data, &settings, self.clock.now()).is_empty())
    }
}
