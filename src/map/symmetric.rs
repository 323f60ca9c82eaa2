//! Eigenvectors of small symmetric matrices, by Jacobi rotations: Golub and Van Loan, Matrix Computations, 1996,
//! section 8.4.

/// More are never needed: convergence is quadratic.
const SWEEPS: usize = 30;

/// The eigenvalues of a symmetric matrix, largest first, and the eigenvectors in the same order, as columns.
pub fn eigenvectors<const N: usize>(mut matrix: [[f64; N]; N]) -> ([f64; N], [[f64; N]; N]) {
    let mut vectors: [[f64; N]; N] =
        std::array::from_fn(|row| std::array::from_fn(|column| f64::from(u8::from(row == column))));
    for _ in 0..SWEEPS {
        let pairs = (0..N).flat_map(|p| (p + 1..N).map(move |q| (p, q)));
        let off: f64 = pairs.clone().map(|(p, q)| matrix[p][q] * matrix[p][q]).sum();
        let diagonal: f64 = (0..N).map(|p| matrix[p][p] * matrix[p][p]).sum();
        if off <= 1e-30 * diagonal {
            break;
        }
        for (p, q) in pairs {
            rotate(&mut matrix, &mut vectors, p, q);
        }
    }
    let mut order: [usize; N] = std::array::from_fn(|at| at);
    order.sort_by(|a, b| matrix[*b][*b].total_cmp(&matrix[*a][*a]));
    (order.map(|at| matrix[at][at]), vectors.map(|row| order.map(|at| row[at])))
}

/// Makes the entry (p, q) zero.
fn rotate<const N: usize>(matrix: &mut [[f64; N]; N], vectors: &mut [[f64; N]; N], p: usize, q: usize) {
    if matrix[p][q] == 0.0 {
        return;
    }
    let theta = (matrix[q][q] - matrix[p][p]) / (2.0 * matrix[p][q]);
    let tangent = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
    let cosine = 1.0 / (tangent * tangent + 1.0).sqrt();
    let sine = tangent * cosine;
    for row in matrix.iter_mut().chain(vectors.iter_mut()) {
        (row[p], row[q]) = (cosine * row[p] - sine * row[q], sine * row[p] + cosine * row[q]);
    }
    let (above, below) = (matrix[p], matrix[q]);
    matrix[p] = std::array::from_fn(|column| cosine * above[column] - sine * below[column]);
    matrix[q] = std::array::from_fn(|column| sine * above[column] + cosine * below[column]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_times_an_eigenvector_is_the_eigenvalue_times_it() {
        let mut random = fastrand::Rng::with_seed(3);
        let any: [[f64; 6]; 6] = std::array::from_fn(|_| std::array::from_fn(|_| random.f64() - 0.5));
        let matrix: [[f64; 6]; 6] = std::array::from_fn(|p| std::array::from_fn(|q| any[p][q] + any[q][p]));
        let (values, vectors) = eigenvectors(matrix);
        assert!(values.is_sorted_by(|a, b| a >= b));
        for (at, value) in values.iter().enumerate() {
            for (row, vector) in matrix.iter().zip(&vectors) {
                let image: f64 = row.iter().zip(&vectors).map(|(x, vector)| x * vector[at]).sum();
                assert!((image - value * vector[at]).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn nothing_has_no_direction_and_does_no_harm() {
        assert_eq!(eigenvectors([[0.0; 3]; 3]).0, [0.0; 3]);
    }
}
