//! What a survey's answers say of the city, and what of that may be published. Pure: no disk, no SQL.
//!
//! 1. [`sample`]: responses become a sample of people ([`scope`]) and, for each question or row of one
//!    ([`tabulate`], [`item`]), what each of them was asked and gave; [`quality`] marks what looks careless.
//! 2. [`weights`]: how much each person counts, so that the sample has the population's margins
//!    ([`frame`]); every step off the plain way is a [`step`].
//! 3. [`estimate`]: shares, means and quantiles of the population with their errors and [`interval`]s,
//!    which groups differ ([`compare`]) and whether any do ([`independence`]).
//! 4. [`represent`]: how like the population those who answered are; [`steps`]: the panel and the invited beside them.
//! 5. [`table`]: counts, which no writer accepts; [`protect`] makes a [`pattern`] of them, which says where
//!    figures may stand; [`audit`] tries to break what was published, and shares no code with it.
//! 6. [`figure`]: a published figure. [`sheet`], [`open_data`], [`workbook`], [`charts`] and [`page`] know
//!    nothing finer; which groups differ ([`differences`]) and what has changed ([`trend`]) is read out of
//!    them, and told in [`remarks`]. [`channel`] makes a variable of how people answered.
//! 7. [`coding`]: what staff made of free texts becomes items like any other; what is quoted passes a guard.
//! 8. [`publish`] puts these together. [`microdata`] is for the city's own analysts, and never published.

mod alike;
pub mod audit;
pub mod bounds;
mod calibrate;
pub mod case;
pub mod channel;
pub mod charts;
pub mod coding;
pub mod companion;
pub mod compare;
pub mod differences;
pub mod estimate;
pub mod figure;
pub mod files;
pub mod flow;
pub mod frame;
pub mod independence;
pub mod interval;
pub mod item;
pub mod layout;
pub mod microdata;
mod missed;
mod newcomers;
pub mod open_data;
pub mod page;
pub mod pattern;
pub mod presence;
mod printed;
pub mod protect;
pub mod publish;
pub mod quality;
mod rake;
pub mod releases;
pub mod remarks;
pub mod represent;
mod routes;
pub mod sample;
pub mod scope;
pub mod search;
pub mod sheet;
pub mod stacked;
pub mod step;
pub mod steps;
pub mod table;
pub mod tabulate;
mod tenths;
pub mod trend;
pub mod weights;
pub mod workbook;
