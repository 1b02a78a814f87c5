//! From a form's fields to a response.
//!
//! 1. [`evaluate::evaluate`]: which questions were asked, what was answered, what is wrong.
//! 2. [`record::compose`]: what is kept of it, and nothing else; [`private::set_apart`]: what is kept
//!    away from it; [`letter::ByLetter`] is an answer with a letter's code, not looked up yet.
//! 3. [`revalidate::revalidate`]: the same judgement again at the central; [`possible::Judge`] takes out of a file's responses
//!    what no question could have got, and [`background::Known`] says which codes nothing knows.
//!
//! [`targets::Targets`] is the population that backgrounds are compared with; [`steps::Steps`] who of it could have
//! answered a survey, and was asked.

pub mod background;
pub mod evaluate;
pub mod letter;
pub mod personal;
pub mod possible;
pub mod private;
pub mod record;
pub mod revalidate;
pub mod sample;
pub mod signup;
pub mod steps;
pub mod targets;

pub use evaluate::{Context, Evaluation, evaluate};
pub use letter::ByLetter;
pub use private::{Private, SetApart, set_apart};
pub use record::{Background, Circumstances, Response, compose};
pub use signup::SignUp;
