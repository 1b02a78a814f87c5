//! The survey language: Markdown text becomes a compiled [`Definition`]. No disk, no SQL, no HTTP.

pub mod answer;
pub mod condition;
pub mod fields;
pub mod kinds;
pub mod model;
pub mod problem;
pub mod settings;

pub use answer::{Answer, Answers};
pub use fields::Fields;
pub use model::{Choice, Definition, Page, Question, Row, Survey, Text};
pub use problem::Problem;
pub use settings::{Phase, Settings};
