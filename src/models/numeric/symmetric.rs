//! Eigenvalues and eigenvectors of a small symmetric matrix, by the rotations of Jacobi (1846).

use crate::models::fitting::minimise::Matrix;

/// Each sweep squares what is left off the diagonal: six are enough for 4 x 4.
const SWEEPS: u32 = 16;

/// The eigenvalues of a symmetric matrix, and its eigenvectors in the columns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Eigen<const D: usize> {
    pub(crate) values: [f64; D],
    vectors: Matrix<D>,
}

impl<const D: usize> Eigen<D> {
    /// Decomposes `matrix`.
    pub(crate) fn of(matrix: &Matrix<D>) -> Self {
        let mut rest = *matrix;
        let mut vectors: Matrix<D> = std::array::from_fn(|i| std::array::from_fn(|j| f64::from(u8::from(i == j))));
        for _ in 0..SWEEPS {
            for i in 0..D {
                for j in i + 1..D {
                    rotate(&mut rest, &mut vectors, i, j);
                }
            }
        }
        Self { values: std::array::from_fn(|i| rest[i][i]), vectors }
    }

    /// The smallest and the largest eigenvalue.
    pub(crate) fn extremes(&self) -> (f64, f64) {
        self.values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v)))
    }

    /// The inverse of the matrix.
    pub(crate) fn inverse(&self) -> Matrix<D> {
        let entry = |i: usize, j: usize| (0..D).map(|k| self.vectors[i][k] * self.vectors[j][k] / self.values[k]).sum();
        std::array::from_fn(|i| std::array::from_fn(|j| entry(i, j)))
    }
}

/// Turns axes `i` and `j` so that the entry between them vanishes.
fn rotate<const D: usize>(matrix: &mut Matrix<D>, vectors: &mut Matrix<D>, i: usize, j: usize) {
    if matrix[i][j] == 0.0 || !matrix[i][j].is_finite() {
        return;
    }
    let theta = (matrix[j][j] - matrix[i][i]) / (2.0 * matrix[i][j]);
    let tangent = theta.signum() / (theta.abs() + theta.hypot(1.0));
    let cosine = 1.0 / tangent.hypot(1.0);
    let sine = tangent * cosine;
    let turn = |one: f64, other: f64| (cosine * one - sine * other, sine * one + cosine * other);
    for row in matrix.iter_mut().chain(vectors.iter_mut()) {
        (row[i], row[j]) = turn(row[i], row[j]);
    }
    let turned: [(f64, f64); D] = std::array::from_fn(|k| turn(matrix[i][k], matrix[j][k]));
    matrix[i] = turned.map(|(one, _)| one);
    matrix[j] = turned.map(|(_, other)| other);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::fitting::minimise::times;

    #[test]
    fn eigenvalues_and_inverse_of_a_matrix_worked_by_hand() {
        // characteristic polynomial (2 - v)((3 - v)^2 - 4): 1, 2, 5
        let matrix = [[3.0, 0.0, 2.0], [0.0, 2.0, 0.0], [2.0, 0.0, 3.0]];
        let eigen = Eigen::of(&matrix);
        let mut values = eigen.values;
        values.sort_by(f64::total_cmp);
        for (value, expected) in values.iter().zip([1.0, 2.0, 5.0]) {
            assert!((value - expected).abs() < 1e-14);
        }
        assert_eq!(eigen.extremes(), (values[0], values[2]));
        let back = times(&matrix, &times(&eigen.inverse(), &[1.0, -2.0, 0.5]));
        for (found, expected) in back.iter().zip([1.0, -2.0, 0.5]) {
            assert!((found - expected).abs() < 1e-13);
        }
    }
}
