//! Fixed phrases by which the work of programs is told from the words of people, in the languages in which they are used.

pub mod answers;
pub mod footers;
pub mod reports;
