//! A small drawing board for SVG charts: axes with labels, bars, lines, dots. Light and dark follow the reader's setting.
//! Never rounds what it is given but for the page.

use std::fmt::Write;

const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 300.0;
/// Left, right, top, bottom.
const MARGIN: (f64, f64, f64, f64) = (54.0, 12.0, 52.0, 44.0);

const STYLE: &str = "<style>\
:root{--bg:#fff;--ink:#1f2328;--dim:#59636e;--line:#d1d9e0;--a:#0969da;--b:#bc4c00;--c:#1a7f37}\
@media(prefers-color-scheme:dark){:root{--bg:#0d1117;--ink:#f0f6fc;--dim:#9198a1;--line:#3d444d;--a:#4493f8;--b:#f0883e;--c:#3fb950}}\
text{font:13px system-ui,sans-serif;fill:var(--dim)}.t{font-weight:600;fill:var(--ink);font-size:15px}\
.g{stroke:var(--line);stroke-width:1}.fa{fill:var(--a)}.fb{fill:var(--b)}.fc{fill:var(--c)}\
.sa,.sb,.sc{fill:none;stroke-width:1.5;stroke-linejoin:round}.sa{stroke:var(--a)}.sb{stroke:var(--b)}.sc{stroke:var(--c)}</style>";

/// Which of the three colours.
#[derive(Debug, Clone, Copy)]
pub enum Ink {
    /// Blue.
    A,
    /// Orange.
    B,
    /// Green.
    C,
}

impl Ink {
    fn letter(self) -> char {
        match self {
            Ink::A => 'a',
            Ink::B => 'b',
            Ink::C => 'c',
        }
    }
}

/// One chart with linear axes.
pub struct Chart {
    body: String,
    x: (f64, f64),
    y: (f64, f64),
    legend_at: f64,
}

impl Chart {
    /// A chart whose axes go from and to these values.
    pub fn new(title: &str, x: (f64, f64), y: (f64, f64)) -> Chart {
        let mut body = String::new();
        let _ = write!(body, "<text class=\"t\" x=\"12\" y=\"20\">{title}</text>");
        Chart { body, x, y, legend_at: 12.0 }
    }

    fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let share = |value: f64, (from, to): (f64, f64)| ((value - from) / (to - from)).clamp(0.0, 1.0);
        let (wide, high) = (WIDTH - MARGIN.0 - MARGIN.1, HEIGHT - MARGIN.2 - MARGIN.3);
        (MARGIN.0 + wide * share(x, self.x), MARGIN.2 + high * (1.0 - share(y, self.y)))
    }

    /// A name in the legend.
    pub fn legend(&mut self, name: &str, ink: Ink) {
        let x = self.legend_at;
        let _ = write!(
            self.body,
            "<rect class=\"f{}\" x=\"{x:.0}\" y=\"31\" width=\"10\" height=\"10\"/><text x=\"{:.0}\" y=\"41\">{name}</text>",
            ink.letter(),
            x + 15.0
        );
        self.legend_at += 32.0 + 7.2 * name.chars().count() as f64;
    }

    /// A label under the horizontal axis.
    pub fn x_label(&mut self, at: f64, text: &str) {
        let (x, y) = self.at(at, self.y.0);
        let _ = write!(
            self.body,
            "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{text}</text>",
            y + 17.0
        );
    }

    /// What the horizontal axis counts.
    pub fn x_title(&mut self, text: &str) {
        let middle = (MARGIN.0 + WIDTH - MARGIN.1) / 2.0;
        let _ = write!(
            self.body,
            "<text x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{text}</text>",
            HEIGHT - 8.0
        );
    }

    /// A label beside the vertical axis, with its line across.
    pub fn y_label(&mut self, at: f64, text: &str) {
        let ((left, y), (right, _)) = (self.at(self.x.0, at), self.at(self.x.1, at));
        let _ = write!(
            self.body,
            "<line class=\"g\" x1=\"{left:.1}\" y1=\"{y:.1}\" x2=\"{right:.1}\" y2=\"{y:.1}\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{text}</text>",
            left - 6.0,
            y + 4.5
        );
    }

    /// A bar from the axis up to `y`.
    pub fn bar(&mut self, from: f64, to: f64, y: f64, ink: Ink) {
        let ((left, top), (right, foot)) = (self.at(from, y), self.at(to, self.y.0));
        let _ = write!(
            self.body,
            "<rect class=\"f{}\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
            ink.letter(),
            (right - left).max(0.5),
            (foot - top).max(0.0)
        );
    }

    /// A line through points.
    pub fn line(&mut self, points: impl Iterator<Item = (f64, f64)>, ink: Ink) {
        let _ = write!(self.body, "<polyline class=\"s{}\" points=\"", ink.letter());
        for (x, y) in points {
            let (x, y) = self.at(x, y);
            let _ = write!(self.body, "{x:.1},{y:.1} ");
        }
        self.body.push_str("\"/>");
    }

    /// A dot.
    pub fn dot(&mut self, x: f64, y: f64, ink: Ink) {
        let (x, y) = self.at(x, y);
        let _ =
            write!(self.body, "<circle class=\"f{}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"/>", ink.letter());
    }

    /// The document.
    pub fn svg(self) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"100%\">{STYLE}\
             <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" style=\"fill:var(--bg)\"/>{}</svg>\n",
            self.body
        )
    }
}

/// A step of 1, 2 or 5 times a power of ten that divides a range into at most `most` parts.
pub fn step(range: f64, most: f64) -> f64 {
    let mut size = 10_f64.powf((range / most).max(1e-12).log10().floor());
    for factor in [2.0, 2.5, 2.0] {
        if range / size <= most {
            break;
        }
        size *= factor;
    }
    size
}
