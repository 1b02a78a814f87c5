//! A map of areas, drawn as SVG by the author: what a place question is answered on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A map. Its areas are the choices of the questions that name it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Map {
    /// `0 0 300 200`, as SVG writes it.
    pub view_box: String,
    pub areas: Vec<Area>,
    /// Shapes that are no areas (water, a frame): elements without an id, as safe SVG.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scenery: Vec<String>,
}

/// An area that can be chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Area {
    pub id: String,
    /// Its name by language; `""` is the name without a language.
    pub titles: BTreeMap<String, String>,
    /// Its shape as safe SVG, without id and title.
    pub shape: String,
}
