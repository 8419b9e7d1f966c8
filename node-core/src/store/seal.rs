//! Sums at the end of stored values: SQLite keeps none, and a flipped bit may make sense.

/// Bytes of a sum: one in four billion flips is not found.
const SUM: usize = 4;

/// `value` with a sum over it, and over the parts of the row that it belongs to.
pub(super) fn seal(row: &[&[u8]], mut value: Vec<u8>) -> Vec<u8> {
    let sum = sum_of(row, &value);
    value.extend(sum);
    value
}

/// What was sealed; none if it is not what was written.
pub(super) fn unseal<'a>(row: &[&[u8]], sealed: &'a [u8]) -> Option<&'a [u8]> {
    let (value, sum) = sealed.split_last_chunk::<SUM>()?;
    (*sum == sum_of(row, value)).then_some(value)
}

fn sum_of(row: &[&[u8]], value: &[u8]) -> [u8; SUM] {
    let mut hasher = blake3::Hasher::new();
    for part in row {
        hasher.update(&(part.len() as u64).to_be_bytes()).update(part);
    }
    let mut sum = [0; SUM];
    hasher.update(value).finalize_xof().fill(&mut sum);
    sum
}
