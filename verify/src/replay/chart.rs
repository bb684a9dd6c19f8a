//! Who was sent where over time, as a picture.

use super::run::{Replay, Row, Seconds, Timeline};
use crate::text::escaped;

const WIDTH: f64 = 760.0;
const LEFT: f64 = 16.0;
const LANE: f64 = 22.0;
const ROW: f64 = 20.0;
const TOP: f64 = 66.0;
/// Rows that are drawn; the worst come first.
const ROWS_MAX: usize = 12;
/// Colours that the colour-blind tell apart (Okabe and Ito), with what they mean.
const LEGEND: [(&str, &str); 5] = [
    ("#D55E00", "sent to the dead"),
    ("#222222", "no answer"),
    ("#56B4E9", "elsewhere"),
    ("#d9ead3", "as when all is healthy"),
    ("#ffffff", "not recorded"),
];

/// A lane a class of clients, and a second one for the other version.
#[must_use]
pub fn chart(title: &str, replay: &Replay) -> String {
    let rows: Vec<&Row> = replay.rows.iter().filter(|row| row.is_hit()).take(ROWS_MAX).collect();
    let lanes = if rows.iter().any(|row| row.against.is_some()) { 2.0 } else { 1.0 };
    let height = TOP + rows.len() as f64 * (ROW + lanes * LANE + 8.0) + 30.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height:.0}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"{WIDTH}\" height=\"{height:.0}\" fill=\"#ffffff\"/>\n\
         <text x=\"{LEFT}\" y=\"22\" font-size=\"15\" font-weight=\"bold\">{}</text>\n",
        escaped(title)
    );
    for (number, (colour, words)) in LEGEND.iter().enumerate() {
        let x = LEFT + number as f64 * 146.0;
        svg.push_str(&format!(
            "<rect x=\"{x:.0}\" y=\"36\" width=\"12\" height=\"12\" fill=\"{colour}\" stroke=\"#888888\"/>\
             <text x=\"{:.0}\" y=\"46\">{words}</text>\n",
            x + 18.0
        ));
    }
    let mut y = TOP;
    for row in rows {
        let words = format!("{} {}, {}", row.name, row.record_type, row.clients);
        svg.push_str(&format!("<text x=\"{LEFT}\" y=\"{:.1}\">{}</text>\n", y + 14.0, escaped(&words)));
        y += ROW;
        for timeline in std::iter::once(&row.was).chain(&row.against) {
            lane(&mut svg, replay, timeline, y);
            y += LANE;
        }
        y += 8.0;
    }
    let end = WIDTH - LEFT;
    svg.push_str(&format!(
        "<text x=\"{LEFT}\" y=\"{0:.1}\" fill=\"#444444\">{1}</text>\
         <text x=\"{end}\" y=\"{0:.1}\" text-anchor=\"end\" fill=\"#444444\">{2}</text>\n</svg>\n",
        y + 14.0,
        replay.from,
        replay.to
    ));
    svg
}

fn lane(svg: &mut String, replay: &Replay, timeline: &Timeline, y: f64) {
    let whole = replay.to.ms_since(replay.from).max(1) as f64;
    let (width, height) = (WIDTH - 2.0 * LEFT, LANE - 4.0);
    svg.push_str(&format!(
        "<rect x=\"{LEFT}\" y=\"{y:.1}\" width=\"{width}\" height=\"{height}\" fill=\"#ffffff\" stroke=\"#888888\"/>\n"
    ));
    for step in &timeline.steps {
        let x = LEFT + width * step.from.ms_since(replay.from) as f64 / whole;
        let wide = width * step.to.ms_since(step.from) as f64 / whole;
        let Seconds { dead, none, elsewhere } = step.shares;
        // Some of those who are elsewhere are with the dead.
        let elsewhere = elsewhere.min(1.0 - dead - none).max(0.0);
        let mut top = y;
        for ((colour, _), share) in LEGEND.iter().zip([dead, none, elsewhere, 1.0 - dead - none - elsewhere]) {
            let high = height * share;
            if high > 0.001 {
                svg.push_str(&format!(
                    "<rect x=\"{x:.2}\" y=\"{top:.2}\" width=\"{wide:.2}\" height=\"{high:.2}\" fill=\"{colour}\"/>\n"
                ));
                top += high;
            }
        }
    }
}
