//! Two containers of PNG pictures: `.ico` for Windows, `.icns` for macOS.

/// Windows: an entry of 16 bytes a picture, then the pictures. Sizes up to 256.
pub(crate) fn ico(pictures: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let fitting: Vec<_> = pictures.iter().filter(|(size, _)| *size <= 256).collect();
    let mut out = vec![0, 0, 1, 0];
    let count = u16::try_from(fitting.len()).unwrap_or(u16::MAX);
    out.extend(count.to_le_bytes());
    let mut offset = 6 + 16 * u32::from(count);
    for (size, bytes) in &fitting {
        let length = length(bytes);
        // A side of 256 is written as 0; 1 plane of 32 bits.
        let side = u8::try_from(*size).unwrap_or(0);
        out.extend([side, side, 0, 0, 1, 0, 32, 0]);
        out.extend(length.to_le_bytes());
        out.extend(offset.to_le_bytes());
        offset = offset.saturating_add(length);
    }
    for (_, bytes) in &fitting {
        out.extend(bytes);
    }
    out
}

/// macOS: a header, then for each picture its type, its length with these 8 bytes, and itself.
pub(crate) fn icns(pictures: &[(u32, Vec<u8>)]) -> Vec<u8> {
    // The types that hold PNG, from the system's Icon Services.
    const TYPES: [(u32, &[u8; 4]); 7] = [
        (32, b"ic11"),
        (64, b"ic12"),
        (128, b"ic07"),
        (256, b"ic08"),
        (256, b"ic13"),
        (512, b"ic09"),
        (1024, b"ic10"),
    ];
    let mut body = Vec::new();
    for (size, kind) in TYPES {
        if let Some((_, bytes)) = pictures.iter().find(|(have, _)| *have == size) {
            body.extend(kind);
            body.extend((length(bytes).saturating_add(8)).to_be_bytes());
            body.extend(bytes);
        }
    }
    let mut out = b"icns".to_vec();
    out.extend((length(&body).saturating_add(8)).to_be_bytes());
    out.extend(body);
    out
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ico_points_at_each_picture() {
        let file = ico(&[(16, vec![1; 5]), (256, vec![2; 7]), (512, vec![3; 9])]);

        assert_eq!(&file[..6], [0, 0, 1, 0, 2, 0]);
        assert_eq!(&file[6..8], [16, 16]);
        assert_eq!(&file[22..24], [0, 0]);
        assert_eq!(&file[14..22], [5, 0, 0, 0, 38, 0, 0, 0]);
        assert_eq!(&file[30..38], [7, 0, 0, 0, 43, 0, 0, 0]);
        assert_eq!(file.len(), 50);
        assert_eq!(&file[43..], [2; 7]);
    }

    #[test]
    fn icns_counts_its_own_header() {
        let file = icns(&[(128, vec![1; 5])]);

        assert_eq!(&file[..4], b"icns");
        assert_eq!(&file[4..8], [0, 0, 0, 21]);
        assert_eq!(&file[8..12], b"ic07");
        assert_eq!(&file[12..16], [0, 0, 0, 13]);
    }
}
