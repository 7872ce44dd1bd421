//! The state machine itself.

use crate::config::Config;
use crate::figures::Figures;
use crate::identity::Identity;
use crate::input::Input;
use crate::step::{Mode, Step};

/// The pure core: state, and one function that moves it.
#[derive(Debug, Clone)]
pub struct Engine {
    config: Config,
    identity: Identity,
}

impl Engine {
    /// An engine that has seen nothing.
    #[must_use]
    pub fn new(config: Config, identity: Identity) -> Engine {
        Engine { config, identity }
    }

    /// Takes one input and decides.
    pub fn step(&mut self, _input: &Input) -> Step {
        Step::default()
    }

    /// What the session did so far.
    #[must_use]
    pub fn figures(&self) -> Figures {
        Figures::default()
    }

    /// The mode now.
    #[must_use]
    pub fn mode(&self) -> Mode {
        Mode::Idle
    }

    /// The config in force.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Who we are.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }
}
