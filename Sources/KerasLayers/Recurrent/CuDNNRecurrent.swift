import KerasGraph

/// The weights of `CuDNNLSTM` and `CuDNNGRU`, as files of Keras 2 hold them. Here they are plain layers, ``LSTM`` and
/// ``GRU`` with their own activations.
package enum CuDNNWeights {
  /// Whether the weights of a recurrent layer are in cuDNN's layout: kernel, recurrent kernel and bias `[8 · units]`
  /// (LSTM) or `[6 · units]` (GRU).
  package static func isLayout(_ tensors: [Tensor], of cell: RecurrentCell) -> Bool {
    guard tensors.count == 3, tensors.allSatisfy({ $0.dataType == .float32 }), tensors[0].rank == 2,
      tensors[1].rank == 2, tensors[2].rank == 1
    else { return false }
    let units = tensors[1].shape[0]
    return tensors[1].shape[1] == cell.gateCount * units && tensors[0].shape[1] == cell.gateCount * units
      && tensors[2].shape[0] == 2 * cell.gateCount * units
  }

  /// The same weights as ``LSTM`` and ``GRU`` hold them.
  ///
  /// Kernels are kept transposed, gate by gate. The LSTM's two biases only ever appear as a sum; the GRU's are the
  /// rows of its bias.
  ///
  /// - Throws: `weightsMismatch` when the weights are not in cuDNN's layout.
  package static func converted(_ tensors: [Tensor], of cell: RecurrentCell) throws(KerasError) -> [Tensor] {
    try require(
      isLayout(tensors, of: cell), .weightsMismatch,
      "Expected a kernel, a recurrent kernel and a bias in cuDNN's layout, found "
        + tensors.map(\.spec.description).joined(separator: ", ") + ".")
    let (features, units) = (tensors[0].shape[0], tensors[1].shape[0])
    let bias: [Float] = tensors[2].scalars()
    let half = bias.count / 2
    let newBias =
      cell == .lstm
      ? try Tensor((0..<half).map { bias[$0] + bias[half + $0] }, shape: [half])
      : try tensors[2].reshaped(to: [2, half])
    return [
      transposingGates(tensors[0], rows: features, units: units, gates: cell.gateCount),
      transposingGates(tensors[1], rows: units, units: units, gates: cell.gateCount), newBias,
    ]
  }

  /// A kernel whose `[rows, units]` columns of each gate hold, read in row order, the gate's `[units, rows]`.
  private static func transposingGates(_ kernel: Tensor, rows: Int, units: Int, gates: Int) -> Tensor {
    let old: [Float] = kernel.scalars()
    let columns = gates * units
    return Tensor(uninitialized: kernel.shape, Float.self) { new in
      for row in 0..<rows {
        for column in 0..<columns {
          let (gate, unit) = (column / units, column % units)
          let position = unit * rows + row
          new[row * columns + column] = old[position / units * columns + gate * units + position % units]
        }
      }
    }
  }
}
