//! The share of clients on a dead endpoint over time, as a picture.

use super::recovery::Recovery;
use crate::text::escaped;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 76.0;
/// Colours that the colour-blind tell apart (Okabe and Ito).
const COLOURS: [&str; 5] = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00"];

/// A chart of some recoveries, at most five.
#[must_use]
pub fn chart(title: &str, recoveries: &[Recovery]) -> String {
    let shown: Vec<&Recovery> = recoveries.iter().take(COLOURS.len()).collect();
    let end = shown.iter().filter_map(|one| one.curve.last()).map(|point| point.0).fold(60.0, f64::max);
    let step = nice(end / 6.0);
    let end = (end / step).ceil() * step;
    let x = |seconds: f64| LEFT + (WIDTH - LEFT - RIGHT) * seconds / end;
    let y = |share: f64| TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - share);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n\
         <text x=\"{LEFT}\" y=\"22\" font-size=\"15\" font-weight=\"bold\">{}</text>\n",
        escaped(title)
    );
    for tenth in [0_u32, 25, 50, 75, 100] {
        let at = y(f64::from(tenth) / 100.0);
        svg.push_str(&format!(
            "<line x1=\"{LEFT}\" y1=\"{at:.1}\" x2=\"{:.1}\" y2=\"{at:.1}\" stroke=\"#dddddd\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#444444\">{tenth} %</text>\n",
            WIDTH - RIGHT,
            LEFT - 6.0,
            at + 4.0
        ));
    }
    let mut tick = 0.0;
    while tick <= end + 0.5 {
        svg.push_str(&format!(
            "<line x1=\"{0:.1}\" y1=\"{1:.1}\" x2=\"{0:.1}\" y2=\"{2:.1}\" stroke=\"#888888\"/>\
             <text x=\"{0:.1}\" y=\"{3:.1}\" text-anchor=\"middle\" fill=\"#444444\">{tick} s</text>\n",
            x(tick),
            y(0.0),
            y(0.0) + 5.0,
            y(0.0) + 18.0
        ));
        tick += step;
    }
    for (number, (recovery, colour)) in shown.iter().zip(COLOURS).enumerate() {
        let mut points: Vec<String> =
            recovery.curve.iter().map(|(seconds, share)| format!("{:.1},{:.1}", x(*seconds), y(*share))).collect();
        if let Some((_, share)) = recovery.curve.last() {
            points.push(format!("{:.1},{:.1}", x(end), y(*share)));
        }
        // Curves often lie on each other: the later one has gaps in which the earlier one is seen.
        let gaps = if number == 0 { String::new() } else { format!(" stroke-dasharray=\"8 {}\"", 4 + 4 * number) };
        svg.push_str(&format!(
            "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"{gaps} points=\"{}\"/>\n",
            points.join(" ")
        ));
        let (column, row) = ((number % 2) as f64, (number / 2) as f64);
        let (at, line) = (LEFT + column * 330.0, HEIGHT - 38.0 + row * 16.0);
        svg.push_str(&format!(
            "<rect x=\"{at:.1}\" y=\"{:.1}\" width=\"12\" height=\"4\" fill=\"{colour}\"/>\
             <text x=\"{:.1}\" y=\"{line:.1}\" fill=\"#222222\">{}</text>\n",
            line - 6.0,
            at + 18.0,
            escaped(&shortened(&recovery.failure))
        ));
    }
    svg.push_str(&format!(
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#444444\">seconds after the failure</text>\n</svg>\n",
        WIDTH - RIGHT,
        TOP - 8.0
    ));
    svg
}

/// A round number of seconds at least as large.
fn nice(seconds: f64) -> f64 {
    [5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0, 14_400.0]
        .into_iter()
        .find(|step| *step >= seconds)
        .unwrap_or(28_800.0)
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= 44 { text.into() } else { format!("{}…", text.chars().take(43).collect::<String>()) }
}
