import KerasGraph

/// In which number formats a graph is computed: decided here, once, from the types in the graph, the precision asked
/// for, and what the CPU multiplies.
///
/// - Values have the graph's types. `precision: .bfloat16` lets float32 values be bfloat16 on CPUs that multiply
///   such numbers, but for the graph's inputs and results, constants (kernels pack those) and what else says so of itself
///   (``OperationRule/keepsFloat32``): softmax with what it reads, where three digits would show, gradients of kernels,
///   and all that plain kernels compute; and but for thin convolutions.
/// - Where the CPU multiplies only twice as many bfloat16 numbers at once, convolutions that Winograd's algorithm computes
///   stay float32: it spares more multiplications than that. But a batch goes through the network in portions
///   (``BatchSplit``), which spares more, unless such convolutions are nearly all there is.
/// - Conversions of the graph between float32 and bfloat16 are free where a value can be stored, or read, as the other
///   type without another result: mixed precision is full of them.
/// - Products whose results are bfloat16, by the graph's word or by that permission, multiply bfloat16 numbers where
///   the CPU does. Elsewhere they multiply the same numbers in float32. Sums are float32 everywhere.
struct PrecisionPlan {
  /// How each value is stored; by node, then by output.
  private let types: [[DataType]]
  private let productTypes: [DataType]
  private let freeConversions: Set<Int>
  /// What people should know about it.
  let notes: [String]

  init(for graph: Graph, precision: Precision, purpose: Purpose = .firstAnswer, on cpu: InstructionSet) {
    let narrows = precision == .bfloat16 && cpu.multipliesBFloat16
    let prefersWinograd = narrows && cpu == .avx512BFloat16 && purpose == .throughput
    let kept = prefersWinograd ? graph.fasterByWinograd() : []
    var types =
      narrows ? graph.narrowedTypes(keepingFloat32: kept) : graph.nodes.map { $0.outputs.map(\.dataType) }
    freeConversions = graph.freeConversions(&types)
    self.types = types
    productTypes = graph.nodes.indices.map { [types] index in
      let node = graph.nodes[index]
      guard cpu.multipliesBFloat16 else { return .float32 }
      switch node.operation {
      case .convolution, .transposedConvolution, .convolutionKernelGradient, .matrixMultiply:
        if graph.breaksVectors(index) || kept.contains(index) { return .float32 }
        let mayNarrow = narrows && node.outputs[0].dataType == .float32 && !graph.isThinConvolution(index)
        return node.outputs[0].dataType == .bfloat16 || mayNarrow ? .bfloat16 : .float32
      case .pooling: return types[index][0] == .bfloat16 ? .bfloat16 : .float32
      default: return .float32
      }
    }
    let wantsBFloat16 =
      precision == .bfloat16
      || graph.nodes.contains { $0.operation.isProduct && $0.outputs[0].dataType == .bfloat16 }
    notes =
      wantsBFloat16 && !cpu.multipliesBFloat16
      ? ["This CPU does not multiply bfloat16 numbers: computed in float32."] : []
  }

  /// How a value is stored.
  func type(of value: Value) -> DataType { types[value.node][value.output] }

  /// Whether a node is a conversion for which nothing is to be done: its input is stored as its output is.
  func isFreeConversion(_ node: Int) -> Bool { freeConversions.contains(node) }

  /// The numbers that a node, a product or pooling, has oneDNN read.
  func productType(of node: Int) -> DataType { productTypes[node] }

  /// Whether products of bfloat16 numbers occur.
  var multipliesBFloat16: Bool { productTypes.contains(.bfloat16) }

  /// The type in which the kernels of a node that calculates leave its output, stored as `stored`, when its products
  /// are of `productType`; where that is not how it is stored, a conversion follows.
  static func computedType(of operation: Operation, stored: DataType, productType: DataType) -> DataType {
    guard stored == .bfloat16 else { return .float32 }
    switch operation {
    case .convolution, .transposedConvolution, .matrixMultiply, .pooling: return productType
    case .convolutionKernelGradient: return .float32
    default: return .bfloat16
    }
  }
}

extension Graph {
  /// The conversions that need no work once values are stored so, which this sees to in `types`.
  ///
  /// One to float32 holds bfloat16 numbers still, and is stored as such for kernels that read them. What one to bfloat16
  /// alone reads can be rounded when it is stored.
  fileprivate func freeConversions(_ types: inout [[DataType]]) -> Set<Int> {
    let (consumers, returned) = (consumers(), Set(outputs.map(\.node)))
    var free: Set<Int> = []
    for (index, node) in nodes.enumerated() where !returned.contains(index) {
      guard case .cast = node.operation else { continue }
      let source = node.inputs[0]
      switch (types[source.node][source.output], types[index][0]) {
      case (.bfloat16, .bfloat16): break
      case (.bfloat16, .float32):
        guard consumers[index].allSatisfy({ nodes[$0].operation.readsBFloat16 }) else { continue }
        types[index][0] = .bfloat16
      case (.float32, .bfloat16):
        guard consumers[source.node].count == 1, !returned.contains(source.node),
          nodes[source.node].operation.writesBFloat16
        else { continue }
        types[source.node][0] = .bfloat16
      default: continue
      }
      free.insert(index)
    }
    return free
  }

  /// The convolutions that are better left to Winograd's algorithm.
  fileprivate func fasterByWinograd() -> Set<Int> {
    let suited = nodes.indices.filter(isFasterByWinograd)
    guard (batchSize ?? 1) > 1 else { return Set(suited) }
    func products(_ indices: some Sequence<Int>) -> Int {
      indices.reduce(0) { $0 + (multiplyAdds(of: nodes[$1]) ?? 0) }
    }
    return 3 * products(suited) >= 2 * products(nodes.indices) ? Set(suited) : []
  }

  /// Whether a node is a convolution that Winograd's algorithm computes faster in float32 than the direct one in bfloat16.
  fileprivate func isFasterByWinograd(_ index: Int) -> Bool {
    let node = nodes[index]
    guard case .convolution(let operation) = node.operation, node.outputs[0].dataType == .float32,
      constant(origin(of: node.inputs[1])) != nil,
      operation.epilogue.scaleInput.map({ constant(origin(of: node.inputs[$0])) != nil }) ?? true
    else { return false }
    let (image, result) = (lengths(of: node.inputs[0]), lengths(of: Value(node: index)))
    return min(image[image.count - 1], result[result.count - 1]) >= 64
      && operation.usesWinograd(image: image, result: result)
  }

  /// Whether a node is a gradient through windows of one position, over channels or filters that do not fill whole vectors:
  /// oneDNN 2.6's code for bfloat16 then reads and, where there are strides, writes beyond the last of them.
  fileprivate func breaksVectors(_ index: Int) -> Bool {
    let (window, groups): (Window, Int)
    switch nodes[index].operation {
    case .transposedConvolution(let operation): (window, groups) = (operation.window, operation.groups)
    case .convolutionKernelGradient(let operation): (window, groups) = (operation.window, operation.groups)
    default: return false
    }
    guard window.size.allSatisfy({ $0 == 1 }) else { return false }
    let images = [Value(node: index)] + nodes[index].inputs
    return images.contains { value in
      (spec(of: value).shape.last ?? nil).map { $0 / groups % 16 != 0 } ?? true
    }
  }
}

extension Operation {
  /// Whether its kernels read bfloat16 numbers as they read float32.
  fileprivate var readsBFloat16: Bool {
    if case .cast = self { return true }
    if case .reduction = self { return true }
    return writesBFloat16
  }

  /// Whether its kernels round what they compute to bfloat16 when they store it.
  fileprivate var writesBFloat16: Bool {
    switch self {
    case .unary, .binary, .batchNormalization: true
    default: false
    }
  }

  fileprivate var isProduct: Bool {
    switch self {
    case .convolution, .transposedConvolution, .convolutionKernelGradient, .matrixMultiply: true
    default: false
    }
  }
}
