//! Whoever watches a session. Decides nothing and never delays a decision.

use engine::{Engine, Step};

/// Whoever watches a session.
pub trait View {
    /// A step was decided.
    fn step(&mut self, engine: &Engine, step: &Step);
    /// For the controls of the simulation alone: spoils a step before it is written, as a careless engine would.
    #[cfg(feature = "spoiled")]
    fn spoil(&mut self, _input: &engine::Input, _step: &mut Step) {}
    /// Something the operator should read now.
    fn note(&mut self, text: &str);
    /// The session is over.
    fn finish(&mut self);
}
