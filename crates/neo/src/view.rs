//! The running session in the terminal: a progress bar, and under it one live line. It decides nothing and
//! never delays a decision.

use ::session::View;
use engine::{Engine, Figures, Mode, Record, Step};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::Write;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use units::{Exact, Price};

/// How often the line is drawn again at most.
const REDRAW_EVERY: Duration = Duration::from_millis(80);

/// The bar on the screen, if there is one: log lines go above it.
static SHOWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// Writes to stderr without tearing the bar.
pub struct AboveTheBar;

impl Write for AboveTheBar {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let write = || {
            // A full disk or a terminal that went away behind stderr must end nothing.
            let _ = std::io::stderr().write_all(bytes);
            Ok(bytes.len())
        };
        match SHOWN.lock() {
            Ok(shown) => shown.as_ref().map_or_else(write, |bar| bar.suspend(write)),
            Err(_) => write(),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let _ = std::io::stderr().flush();
        Ok(())
    }
}

/// Nobody watches: JSON output, or no terminal. Notes still go to stderr.
pub struct Quiet;

impl View for Quiet {
    fn step(&mut self, _: &Engine, _: &Step) {}

    fn note(&mut self, text: &str) {
        crate::out::complain(text);
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
        if let Ok(mut shown) = SHOWN.lock() {
            *shown = Some(bar.clone());
        }
        Live { bar, market: Market::default(), drawn: None }
    }

    fn draw(&mut self, engine: &Engine) {
        let figures = engine.figures();
        let total = u32::try_from(self.bar.length().unwrap_or(0)).unwrap_or(u32::MAX);
        self.bar.set_position(figures.seconds.min(total).into());
        self.bar.set_prefix(format!(
            "{} of {} · {} ledgers",
            crate::duration::format(figures.seconds),
            crate::duration::format(total),
            figures.ledgers
        ));
        let columns = console::Term::stderr().size_checked().map_or(COLUMNS_WIDE, |(_, columns)| columns);
        self.bar.set_message(live_line(engine.mode(), self.market, &figures, columns >= COLUMNS_WIDE));
    }
}

/// Columns from which the live line has labels.
const COLUMNS_WIDE: u16 = 104;

/// Mode, mid, our quotes, fills, inventory, profit and loss: at most 78 columns when not `wide`.
fn live_line(mode: Mode, market: Market, figures: &Figures, wide: bool) -> String {
    let places = if wide { 5 } else { 4 };
    let price = |price: Option<Price>| price.map_or("–".to_owned(), |p| p.to_exact().to_fixed(places));
    let (mid, bid, ask) = (price(market.mid), price(market.bid), price(market.ask));
    let pnl = figures.pnl_rlusd.as_ref().map_or("–".to_owned(), |pnl| signed_at(pnl, 3));
    let (xrp, rlusd) = (Exact::from_drops(figures.end.xrp).to_fixed(1), figures.end.rlusd.to_fixed(1));
    if wide {
        format!(
            "{mode}  mid {mid}  bid {bid}  ask {ask}  fills {} ({}+{})  {xrp} XRP {rlusd} RLUSD  P&L {pnl}",
            figures.fills, figures.buys, figures.sells
        )
    } else {
        format!("{mode} {mid} [{bid} {ask}] {} fills {xrp} XRP {rlusd} RLUSD {pnl}", figures.fills)
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
        if let Ok(mut shown) = SHOWN.lock() {
            *shown = None;
        }
    }
}
