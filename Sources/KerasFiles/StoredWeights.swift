import KerasCore

/// One layer's weights as a file lists them.
package struct StoredLayer: Sendable {
  package var name: String
  /// In stored order: trainable ones first.
  package var weights: [StoredWeight]
  /// The layer's own name where ``name`` is a path of objects and the file has both.
  package var ownName: String?

  package init(name: String, weights: [StoredWeight], ownName: String? = nil) {
    self.name = name
    self.weights = weights
    self.ownName = ownName
  }
}

/// One array of weights in a file, read when it is asked for.
///
/// Where the numbers come from is open: an array of the file, or several put together, as the separate gate
/// matrices of Keras 1's recurrent layers must be.
package struct StoredWeight: Sendable {
  /// As the file spells it: `conv1/kernel:0`, `block1_conv1_W_1:0`.
  package var name: String
  package var shape: [Int]
  /// The element type in the file, as it will be read; nil when it is nothing a tensor holds.
  package var dataType: DataType?
  /// The element type as the file says it: `float32`, `>float64`, `string`.
  package var storedType: String
  /// Bytes in memory, uncompressed.
  package var byteCount: Int
  private let read: @Sendable () throws(KerasError) -> Tensor

  package init(
    name: String, shape: [Int], dataType: DataType?, storedType: String, byteCount: Int,
    read: @escaping @Sendable () throws(KerasError) -> Tensor
  ) {
    self.name = name
    self.shape = shape
    self.dataType = dataType
    self.storedType = storedType
    self.byteCount = byteCount
    self.read = read
  }

  package init(name: String, _ tensor: Tensor) {
    self.init(
      name: name, shape: tensor.shape, dataType: tensor.dataType, storedType: tensor.dataType.rawValue,
      byteCount: tensor.byteCount, read: { () throws(KerasError) in tensor })
  }

  package init(name: String, _ dataset: HDF5Dataset) {
    self.init(
      name: name, shape: dataset.shape, dataType: dataset.dataType, storedType: "\(dataset.type)",
      byteCount: dataset.byteCount, read: dataset.tensor)
  }

  /// The numbers; a view of the mapped file where that is possible.
  package func tensor() throws(KerasError) -> Tensor { try read() }
}
