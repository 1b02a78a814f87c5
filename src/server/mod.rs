//! The HTTP edge and what is behind it.

pub mod http;
