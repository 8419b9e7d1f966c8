//! What is kept of what was measured, and how it is told.

mod history;
mod prometheus;
mod series;
