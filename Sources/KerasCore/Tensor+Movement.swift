/// Elements moved about on the host: for weights on their way in and out of files. Computation moves them in graphs.
extension Tensor {
  /// The axes in another order: axis `i` of the result is axis `permutation[i]`.
  ///
  /// - Throws: `invalidArgument` when it is not an order of the axes.
  package func transposed(_ permutation: [Int]) throws(KerasError) -> Tensor {
    guard permutation.sorted() == Array(0..<rank) else {
      throw KerasError(.invalidArgument, "\(permutation) is not an order of the axes of \(spec).")
    }
    let strides = rowStrides
    return gathered(permutation.map { shape[$0] }, strides: permutation.map { strides[$0] }, from: 0)
  }

  /// The elements in opposite order along `axes`, each from 0 to the rank.
  ///
  /// - Throws: `invalidArgument` for an axis that is not there.
  package func reversed(axes: [Int]) throws(KerasError) -> Tensor {
    guard axes.allSatisfy(shape.indices.contains) else {
      throw KerasError(.invalidArgument, "Axes \(axes) are not all in \(spec).")
    }
    var strides = rowStrides
    var start = 0
    for axis in Set(axes) where shape[axis] > 0 {
      start += (shape[axis] - 1) * strides[axis]
      strides[axis] = -strides[axis]
    }
    return gathered(shape, strides: strides, from: start)
  }

  /// Tensors side by side: joined along the last axis, the others being equal.
  ///
  /// - Throws: `shapeMismatch` when they are not.
  package init(joiningLastAxisOf parts: [Tensor]) throws(KerasError) {
    guard let first = parts.first, first.rank > 0,
      parts.allSatisfy({ $0.dataType == first.dataType && $0.shape.dropLast() == first.shape.dropLast() })
    else {
      throw KerasError(.shapeMismatch, "Tensors of shapes \(parts.map(\.shape)) do not stand side by side.")
    }
    let rows = elementCountOf(Array(first.shape.dropLast()))
    let widths = parts.map { ($0.shape.last ?? 0) * $0.dataType.byteCount }
    let total = parts.reduce(0) { $0 + ($1.shape.last ?? 0) }
    self.init(uninitialized: first.shape.dropLast() + [total], first.dataType) { target in
      var offset = 0
      let rowBytes = widths.reduce(0, +)
      for (part, width) in zip(parts, widths) {
        part.withUnsafeBytes { source in
          for row in 0..<rows where width > 0 {
            UnsafeMutableRawBufferPointer(rebasing: target[(row * rowBytes + offset)...])
              .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[(row * width)..<((row + 1) * width)]))
          }
        }
        offset += width
      }
    }
  }

  private var rowStrides: [Int] {
    var strides = shape
    var stride = 1
    for axis in shape.indices.reversed() {
      strides[axis] = stride
      stride *= shape[axis]
    }
    return strides
  }

  /// Element `p` of the result is at `start + Σ p[i] · strides[i]`.
  private func gathered(_ lengths: [Int], strides: [Int], from start: Int) -> Tensor {
    let size = dataType.byteCount
    return withUnsafeBytes { source in
      Tensor(uninitialized: lengths, dataType) { target in
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        var position = lengths.map { _ in 0 }
        var offset = start
        for index in 0..<elementCountOf(lengths) {
          (to + index * size).copyMemory(from: from + offset * size, byteCount: size)
          var axis = lengths.count - 1
          while axis >= 0 {
            position[axis] += 1
            offset += strides[axis]
            if position[axis] < lengths[axis] { break }
            offset -= position[axis] * strides[axis]
            position[axis] = 0
            axis -= 1
          }
        }
      }
    }
  }
}
