//! Pictures as points with a colour, read from the PNG that Chromium makes: eight bits a channel, rows
//! one after the other. What else PNG can hold is refused.

use miniz_oxide::inflate::decompress_to_vec_zlib;

/// Red, green, blue.
pub type Colour = [u8; 3];

/// Points in rows, from the top left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub width: usize,
    pub points: Vec<Colour>,
}

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

impl Picture {
    /// Reads a PNG of Chromium's.
    pub fn read(png: &[u8]) -> Picture {
        let mut rest = png.strip_prefix(SIGNATURE).expect("a PNG");
        let (mut packed, mut width, mut channels) = (Vec::new(), 0, 0);
        while let Some((length, after)) = rest.split_first_chunk::<4>() {
            let (name, after) = after.split_at(4);
            let (data, after) = after.split_at(u32::from_be_bytes(*length) as usize);
            match name {
                b"IHDR" => {
                    width = number(&data[..4]);
                    assert!(data[8] == 8 && data[12] == 0, "eight bits, not interlaced");
                    channels = if data[9] == 6 { 4 } else { 3 };
                }
                b"IDAT" => packed.extend_from_slice(data),
                _ => {}
            }
            rest = &after[4..];
        }
        let bytes = decompress_to_vec_zlib(&packed).expect("a whole PNG");
        let points = unfilter(bytes, width * channels, channels);
        let points = points.chunks_exact(channels).map(|one| [one[0], one[1], one[2]]).collect();
        Picture { width, points }
    }

    /// The points that differ from those of `before`, as `(before, now)`.
    pub fn changes<'a>(
        &'a self,
        before: &'a Picture,
    ) -> impl Iterator<Item = (Colour, Colour)> + 'a {
        assert_eq!((self.width, self.points.len()), (before.width, before.points.len()));
        let both = before.points.iter().copied().zip(self.points.iter().copied());
        both.filter(|(before, now)| before != now)
    }

    /// How many points changed so much that an eye for light and dark alone sees it.
    pub fn visible_changes(&self, before: &Picture) -> usize {
        self.changes(before).filter(|(before, now)| contrast(*before, *now) >= 3.0).count()
    }
}

fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |all, byte| all << 8 | usize::from(*byte))
}

/// Undoes what each row says of itself: it is written as differences from its neighbours.
fn unfilter(bytes: Vec<u8>, row: usize, step: usize) -> Vec<u8> {
    let mut done: Vec<u8> = Vec::with_capacity(bytes.len());
    for line in bytes.chunks_exact(row + 1) {
        let start = done.len();
        for (at, byte) in line[1..].iter().enumerate() {
            let left = if at >= step { done[start + at - step] } else { 0 };
            let up = if start > 0 { done[start + at - row] } else { 0 };
            let corner = if at >= step && start > 0 { done[start + at - row - step] } else { 0 };
            let guess = match line[0] {
                0 => 0,
                1 => left,
                2 => up,
                3 => u16::midpoint(left.into(), up.into()) as u8,
                _ => paeth(left, up, corner),
            };
            done.push(byte.wrapping_add(guess));
        }
    }
    done
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let guess = i16::from(left) + i16::from(up) - i16::from(corner);
    let far = |from: u8| (guess - i16::from(from)).abs();
    [left, up, corner].into_iter().min_by_key(|from| far(*from)).expect("three")
}

/// The contrast of two colours, 1 to 21 (WCAG 2.2, relative luminance).
pub fn contrast(one: Colour, other: Colour) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// How many points stand out by 3:1 from the colour that most of them have.
pub fn beside_the_commonest(points: &[Colour]) -> usize {
    let mut counts = std::collections::HashMap::new();
    for point in points {
        *counts.entry(point).or_insert(0) += 1;
    }
    let Some((commonest, _)) = counts.into_iter().max_by_key(|(_, count)| *count) else { return 0 };
    points.iter().filter(|point| contrast(**point, *commonest) >= 3.0).count()
}

fn luminance(colour: Colour) -> f64 {
    let [red, green, blue] = colour.map(|channel| {
        let part = f64::from(channel) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

#[test]
fn contrast_is_as_wcag_counts_it() {
    assert!((contrast([0, 0, 0], [255, 255, 255]) - 21.0).abs() < 1e-9);
    assert!((contrast([119, 119, 119], [255, 255, 255]) - 4.48).abs() < 0.01);
}
