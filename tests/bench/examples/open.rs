#![allow(missing_docs, clippy::all, clippy::unwrap_used)]
use pointsman_core::compile::Zone;
fn cpu() -> f64 {
    let s = std::fs::read_to_string("/proc/self/stat").unwrap();
    let f: Vec<&str> = s.rsplit(')').next().unwrap().split_whitespace().collect();
    (f[11].parse::<f64>().unwrap() + f[12].parse::<f64>().unwrap()) * 10.0
}
fn main() {
    let n: usize = std::env::args().nth(1).unwrap().parse().unwrap();
    let path = format!("/tmp/w/img-{}-{n}.pmz", pointsman_core::compile::IMAGE_FORMAT);
    let image = std::fs::read(&path).unwrap_or_else(|_| {
        let zone = pointsman_bench::native::load(&pointsman_bench::zones::zone(n)).unwrap();
        let image = zone.to_image();
        std::fs::write(&path, &image).unwrap();
        image
    });
    let times = std::env::args().nth(2).map_or(5, |t| t.parse().unwrap());
    let mut best = f64::MAX;
    let c0 = cpu();
    let mut drop_t = 0.0;
    for _ in 0..times {
        let t = std::time::Instant::now();
        let zone = Zone::from_image(&image).unwrap();
        best = best.min(t.elapsed().as_secs_f64() * 1e3);
        let t = std::time::Instant::now();
        drop(zone);
        drop_t += t.elapsed().as_secs_f64() * 1e3;
    }
    println!(
        "{n}: image {} bytes, best {best:.3} ms, cpu each {:.2} ms, drop {:.2}",
        image.len(),
        (cpu() - c0) / times as f64,
        drop_t / times as f64
    );
}
