//! The running session in the terminal: a progress bar, and under it one live line. It decides nothing and
//! never delays a decision.

use engine::{Engine, Record, Step};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::{Duration, Instant};
use units::{Exact, Price};

/// How often the line is drawn again at most.
const REDRAW_EVERY: Duration = Duration::from_millis(80);

/// Whoever watches a session.
pub trait View {
    /// A step was decided.
    fn step(&mut self, engine: &Engine, step: &Step);
    /// Something the operator should read now.
    fn note(&mut self, text: &str);
    /// The session is over.
    fn finish(&mut self);
}

/// Nobody watches: JSON output, or no terminal. Notes still go to stderr.
pub struct Quiet;

impl View for Quiet {
    fn step(&mut self, _: &Engine, _: &Step) {}

    fn note(&mut self, text: &str) {
        eprintln!("{text}");
    }

    fn finish(&mut self) {}
}

/// A person watches.
pub struct Live {
    bar: ProgressBar,
    market: Market,
    drawn: Option<Instant>,
}

#[derive(Default, Clone, Copy)]
struct Market {
    mid: Option<Price>,
    bid: Option<Price>,
    ask: Option<Price>,
}

impl Live {
    /// A bar over `seconds` of ledger time.
    pub fn new(seconds: u32) -> Live {
        let bar = ProgressBar::with_draw_target(Some(seconds.into()), ProgressDrawTarget::stderr());
        let template = "  {bar:40.cyan/238} {percent:>3} %  {prefix:.dim}\n  {wide_msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━╸─"));
        }
        Live { bar, market: Market::default(), drawn: None }
    }

    fn draw(&mut self, engine: &Engine) {
        let figures = engine.figures();
        let total = u32::try_from(self.bar.length().unwrap_or(0)).unwrap_or(u32::MAX);
        self.bar.set_position(figures.seconds.min(total).into());
        self.bar.set_prefix(format!(
            "{} of {} of ledger time · {} ledgers",
            crate::duration::format(figures.seconds),
            crate::duration::format(total),
            figures.ledgers
        ));
        let price = |price: Option<Price>| price.map_or("–".to_owned(), |p| p.to_exact().to_fixed(5));
        let pnl = figures.pnl_rlusd.as_ref().map_or("–".to_owned(), |pnl| signed_at(pnl, 4));
        self.bar.set_message(format!(
            "{}  mid {}  bid {}  ask {}  fills {} ({} bought, {} sold)  {} XRP + {} RLUSD  P&L {pnl} RLUSD",
            engine.mode(),
            price(self.market.mid),
            price(self.market.bid),
            price(self.market.ask),
            figures.fills,
            figures.buys,
            figures.sells,
            Exact::from_drops(figures.end.xrp).to_fixed(2),
            figures.end.rlusd.to_fixed(2),
        ));
    }
}

/// A number with its sign: `+0.0312`.
pub fn signed_at(value: &Exact, places: u16) -> String {
    let text = value.to_fixed(places);
    if text.starts_with('-') { text } else { format!("+{text}") }
}

impl View for Live {
    fn step(&mut self, engine: &Engine, step: &Step) {
        for record in &step.records {
            if let Record::MarketSnapshot(row) = record {
                self.market = Market { mid: row.mid, bid: row.own_bid, ask: row.own_ask };
            }
        }
        if self.drawn.is_none_or(|at| at.elapsed() >= REDRAW_EVERY) {
            self.drawn = Some(Instant::now());
            self.draw(engine);
        }
    }

    fn note(&mut self, text: &str) {
        self.bar.println(format!("  {text}"));
    }

    fn finish(&mut self) {
        self.bar.finish_and_clear();
    }
}
