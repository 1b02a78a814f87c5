//! What has been published of earlier surveys: their figures, never an answer.

use std::path::Path;

use crate::commands::results::gather::Gathering;
use crate::error::{Context, Result};
use crate::results::remarks::Remarks;
use crate::results::sheet::Open;
use crate::results::trend::{Now, Release, Trend, asked_before, follow};

/// The questions of a release that were asked before, each with what was published of it then.
pub fn trends(gathering: &Gathering, open: &Open) -> Result<Vec<Trend>> {
    let Gathering { content, definition, gathered, .. } = gathering;
    let Some(days) = &gathered.sample.counted.days else { return Ok(Vec::new()) };
    let survey = definition.base();
    let asked = survey.questions().map(|question| question.id.as_str());
    let places: Vec<_> = asked
        .map(|id| (id, asked_before(definition, id, &content.surveys, &content.shared)))
        .filter(|(_, places)| !places.is_empty())
        .collect();
    let mut releases: Vec<Release> = Vec::new();
    for (slug, _) in places.iter().flat_map(|(_, places)| places) {
        if !releases.iter().any(|release| release.open.survey == *slug) {
            releases.extend(release(&content.folder, slug)?);
        }
    }
    let trend = |(question, places): &(&str, Vec<(String, String)>)| {
        follow(&Now { survey, open, days, question }, places, &releases)
    };
    Ok(places.iter().filter_map(trend).collect())
}

/// What the site publishes of a survey; none where it does not, or does not say when it was answered.
fn release(content: &Path, slug: &str) -> Result<Option<Release>> {
    let path = content.join("results").join(slug).join("data").join(super::page::JSON);
    if !path.is_file() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(&path).during_at("read the results of", &path)?;
    let open = Open::from_json(&text).during_at("understand", &path)?;
    let remarks = Remarks::from_json(&text).during_at("understand", &path)?;
    let is_own = open.survey == slug;
    Ok(remarks.days.filter(|_| is_own).map(|days| Release { open, days }))
}
