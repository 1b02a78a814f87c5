//! The survey language: Markdown text becomes a compiled [`Definition`]. No disk, no SQL, no HTTP.

pub mod answer;
pub mod attributes;
pub mod catalogue;
pub mod condition;
pub mod fields;
pub mod frontmatter;
pub mod kinds;
pub mod model;
pub mod outline;
pub mod prescan;
pub mod problem;
pub mod prose;
pub mod settings;
pub mod source;
pub mod tree;

pub use answer::{Answer, Answers};
pub use fields::Fields;
pub use model::{Choice, Definition, Page, Question, Row, Survey, Text};
pub use problem::Problem;
pub use settings::{Phase, Settings};
