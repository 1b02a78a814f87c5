//! The survey language: Markdown text becomes a compiled [`Definition`]. No disk, no SQL, no HTTP.

pub mod answer;
pub mod assemble;
pub mod attributes;
pub mod catalogue;
pub mod compile;
pub mod condition;
pub mod cue;
pub mod digest;
pub mod expr;
pub mod fields;
pub mod format;
pub mod front_settings;
pub mod frontmatter;
pub mod ids;
pub mod kinds;
mod link;
pub mod map;
pub mod model;
pub mod normal;
pub mod outline;
pub mod prescan;
pub mod problem;
pub mod prose;
pub mod satisfy;
pub mod settings;
pub mod source;
mod translate;
pub mod tree;
pub mod typecheck;

pub use answer::{Answer, Answers};
pub use compile::{Compiled, Facts, File, Files, Input, compile};
pub use fields::Fields;
pub use model::{Choice, Definition, Page, Question, Row, Survey, Text};
pub use problem::Problem;
pub use settings::{Phase, Settings};
