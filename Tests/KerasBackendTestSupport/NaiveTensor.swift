import KerasGraph

/// Numbers of any type as Double, read by index.
struct NaiveTensor {
  let shape: [Int]
  var elements: [Double]

  init(shape: [Int], elements: [Double]) {
    self.shape = shape
    self.elements = elements
  }

  init(_ tensor: Tensor) { self.init(shape: tensor.shape, elements: tensor.scalars()) }

  /// The tensor whose element at `index` is what `element` says.
  init(_ shape: [Int], _ element: ([Int]) -> Double) {
    self.init(shape: shape, elements: allIndices(of: shape).map(element))
  }

  subscript(index: [Int]) -> Double { elements[offset(index)] }

  /// Reads with NumPy's broadcasting: missing axes are ignored, axes of length 1 repeat.
  subscript(broadcasting index: [Int]) -> Double {
    self[zip(index.suffix(shape.count), shape).map { $1 == 1 ? 0 : $0 }]
  }

  /// All elements along `axis` at the place of `index`.
  func line(through index: [Int], axis: Int) -> [Double] {
    (0..<shape[axis]).map { place in
      var other = index
      other[axis] = place
      return self[other]
    }
  }

  /// The elements at `place` of the first axis.
  func step(_ place: Int) -> NaiveTensor {
    let count = elements.count / max(shape[0], 1)
    return NaiveTensor(
      shape: Array(shape.dropFirst()), elements: Array(elements[place * count..<(place + 1) * count]))
  }

  /// Tensors of one shape one after the other along a new first axis.
  static func stacked(_ tensors: [NaiveTensor], shape: [Int]) -> NaiveTensor {
    NaiveTensor(shape: [tensors.count] + shape, elements: tensors.flatMap(\.elements))
  }

  func offset(_ index: [Int]) -> Int {
    var offset = 0
    for axis in 0..<shape.count {
      precondition((0..<shape[axis]).contains(index[axis]), "index \(index) outside \(shape)")
      offset = offset * shape[axis] + index[axis]
    }
    return offset
  }

  func tensor(_ dataType: DataType) -> Tensor {
    Tensor(uninitialized: shape, Double.self) { _ = $0.update(fromContentsOf: elements) }.converted(
      to: dataType)
  }
}

/// All indices of a tensor, in row-major order.
func allIndices(of shape: [Int]) -> [[Int]] {
  shape.reduce([[]]) { indices, length in indices.flatMap { index in (0..<length).map { index + [$0] } } }
}
