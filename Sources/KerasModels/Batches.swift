extension Tensor {
  /// The same rows followed by rows of zeros.
  func padded(toRows count: Int) -> Tensor {
    guard shape[0] < count else { return self }
    return Tensor(uninitialized: [count] + shape.dropFirst(), dataType) { bytes in
      withUnsafeBytes { bytes.copyMemory(from: $0) }
      UnsafeMutableRawBufferPointer(rebasing: bytes[byteCount...]).initializeMemory(
        as: UInt8.self, repeating: 0)
    }
  }

  /// Results of several batches, one after the other.
  ///
  /// - Throws: `shapeMismatch` when they have no rows, or differ in more than their number.
  init(joiningRowsOf parts: [Tensor]) throws(KerasError) {
    let tail = parts[0].shape.dropFirst()
    guard parts.allSatisfy({ $0.rank > 0 && $0.shape.dropFirst() == tail }) else {
      let shapes = parts.map { Shape($0.shape).description }
      throw KerasError(
        .shapeMismatch,
        parts[0].rank == 0
          ? "An output without a batch axis cannot be joined from \(parts.count) batches."
          : "Batches give outputs that cannot be joined: \(shapes[0]) and "
            + "\(shapes.first { $0.dropFirst() != shapes[0].dropFirst() } ?? "").",
        remedy: "predict everything in one batch, with a larger batchSize.")
    }
    let shape = [parts.reduce(0) { $0 + $1.shape[0] }] + tail
    self.init(uninitialized: shape, parts[0].dataType) { bytes in
      var offset = 0
      for part in parts {
        part.withUnsafeBytes {
          UnsafeMutableRawBufferPointer(rebasing: bytes[offset...]).copyMemory(from: $0)
        }
        offset += part.byteCount
      }
    }
  }
}
