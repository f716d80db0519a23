import KerasGraph

// Training repeats itself to the bit, whatever the number of threads. oneDNN divides the terms of some sums among the
// threads it has (of a kernel's gradient over the batch, of products of thin matrices), and numbers added in another
// order are other numbers. Where a program has states, such work is divided by its sizes alone, into parts that one
// thread computes each, and what parts have summed is added up in their order.
extension GraphCompiler {
  /// Whether no bit of a result may depend on the number of threads: what programs with states leave goes into the next
  /// run, where differences grow.
  var dividesBySize: Bool { graph.stateCount > 0 }

  /// How many parts the node's products are worth: a power of two, so that few threads have the same to do.
  func partCount(atMost limit: Int = 32) -> Int {
    Self.powerOfTwo(upTo: min((graph.multiplyAdds(of: node) ?? 0) / Self.productsOfAPart, limit))
  }

  static func powerOfTwo(upTo number: Int) -> Int {
    number < 2 ? 1 : 1 << (Int.bitWidth - 1 - number.leadingZeroBitCount)
  }

  /// Some hundred microseconds of work: below that, waking a thread is not worth it.
  private static let productsOfAPart = 8_000_000

  /// At most so many equal parts of a length.
  ///
  /// - Parameters:
  ///   - count: nil for as many as the node's products are worth.
  ///   - unit: what a part's length is a multiple of, the last part apart.
  func parts(of length: Int, multipleOf unit: Int, atMost count: Int? = nil) -> [Range<Int>] {
    guard length > 0 else { return [] }
    let wanted = count ?? partCount()
    let step = ((length + wanted - 1) / wanted + unit - 1) / unit * unit
    return stride(from: 0, to: length, by: step).map { $0..<min($0 + step, length) }
  }

  /// Parts of a product's rows: many rows make longer parts, for each of which the other matrix is read.
  func parts(ofRows rows: Int) -> [Range<Int>] { parts(of: rows, multipleOf: rows < 1024 ? 32 : 256) }

  /// An operand with the axis along which parts take elements of it; nil for all elements.
  typealias Divided = (operand: Kernel.Operand, axis: Int?)

  /// Adds a convolution or matrix product in parts, and what its epilogue leaves to do.
  ///
  /// - Parameter make: makes the primitive of a part.
  /// - Returns: whether oneDNN has good code for the parts; else what was added is to be taken back.
  mutating func addProductInParts(
    _ ranges: [Range<Int>], summary: String, source: Divided, weights: Divided, destination: Divided,
    output y: Tensor, _ finish: Finish,
    _ make: (
      _ source: MemoryDescriptor, _ weights: MemoryDescriptor, _ bias: MemoryDescriptor?,
      _ destination: MemoryDescriptor, _ postOperations: [PostOperation]
    ) throws(KerasError) -> Primitive
  ) throws(KerasError) -> Bool {
    var portions: [Kernel.Portion] = []
    for range in ranges {
      func part(_ divided: Divided) throws(KerasError) -> Kernel.Operand {
        try divided.operand.part(range, along: divided.axis)
      }
      let (x, w, result) = (try part(source), try part(weights), try part(destination))
      var bias: Kernel.Operand?
      if let (descriptor, place) = finish.bias {
        let whole = Kernel.Operand(role: Role.bias, descriptor: descriptor, place: place)
        bias = try whole.part(range, along: descriptor.rank > 1 ? destination.axis : nil)
      }
      var operations: [PostOperation] = []
      for operation in finish.postOperations {
        operations.append(try operation.part(range, along: destination.axis))
      }
      var read: [Kernel.Operand] = []
      for operand in finish.operands { read.append(try operand.part(range, along: destination.axis)) }
      let primitive = try Threads.using(1) { () throws(KerasError) in
        try make(x.descriptor, w.descriptor, bias?.descriptor, result.descriptor, operations)
      }
      guard !primitive.isReference else { return false }
      portions.append(
        Kernel.Portion(primitive: primitive, operands: [x, w, result] + [bias].compactMap { $0 } + read))
    }
    add(sideBySide: portions, summary: summary + (finish.isInPlace ? ", residual in place" : ""))
    try addRemainder(finish, to: y)
    return true
  }
}

extension Kernel.Operand {
  /// Some elements along an axis, or all of it where none is named.
  func part(_ range: Range<Int>, along axis: Int?) throws(KerasError) -> Kernel.Operand {
    let (descriptor, start) = try descriptor.part(range, along: axis)
    return Kernel.Operand(role: role, descriptor: descriptor, place: place, offset: offset + start)
  }
}

extension PostOperation {
  fileprivate func part(_ range: Range<Int>, along axis: Int?) throws(KerasError) -> PostOperation {
    switch self {
    case .add(let descriptor): .add(try descriptor.part(range, along: axis).descriptor)
    case .multiply(let descriptor): .multiply(try descriptor.part(range, along: axis).descriptor)
    case .addDestination, .apply: self
    }
  }
}

extension MemoryDescriptor {
  fileprivate var rank: Int { Int(raw.ndims) }
}
