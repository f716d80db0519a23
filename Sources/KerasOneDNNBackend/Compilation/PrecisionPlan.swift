import KerasGraph

/// In which number formats a graph is computed: decided here, once, from the types in the graph, the precision asked
/// for, and what the CPU multiplies.
///
/// - Values have the graph's types. `precision: .bfloat16` lets float32 values be bfloat16 on CPUs that multiply
///   such numbers, but for the graph's inputs and results, constants (kernels pack those) and what else says so of itself
///   (``OperationRule/keepsFloat32``): softmax with what it reads, where three digits would show, gradients of kernels,
///   and all that plain kernels compute; and but for thin convolutions.
/// - Products whose results are bfloat16, by the graph's word or by that permission, multiply bfloat16 numbers where
///   the CPU does. Elsewhere they multiply the same numbers in float32. Sums are float32 everywhere.
struct PrecisionPlan {
  /// Up to so many filters a convolution is thin. The CPU's units for bfloat16 gain little there, and the
  /// first layers of a small network are where rounding costs most: with MobileNet of a quarter's width the
  /// first guess agrees with float32's on 98 of 100 photographs instead of 92.
  private static let thinFilterCount = 32

  /// How each value is stored; by node, then by output.
  private var types: [[DataType]]
  private var productTypes: [DataType]
  /// What people should know about it.
  let notes: [String]

  init(for graph: Graph, precision: Precision, on cpu: InstructionSet) {
    types = graph.nodes.map { $0.outputs.map(\.dataType) }
    let narrows = precision == .bfloat16 && cpu.multipliesBFloat16
    let isThin = graph.nodes.map(Self.isThin)
    if narrows { Self.narrow(&types, of: graph, isThin: isThin) }
    let types = types
    productTypes = graph.nodes.indices.map { index in
      let node = graph.nodes[index]
      guard cpu.multipliesBFloat16 else { return .float32 }
      switch node.operation {
      case .convolution, .transposedConvolution, .convolutionKernelGradient, .matrixMultiply:
        let mayNarrow = narrows && node.outputs[0].dataType == .float32 && !isThin[index]
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

  private static func isThin(_ node: Node) -> Bool {
    guard node.operation.isConvolution, let filters = node.outputs[0].shape.last ?? nil else { return false }
    return filters <= thinFilterCount
  }

  /// Has float32 values stored as bfloat16.
  private static func narrow(_ types: inout [[DataType]], of graph: Graph, isThin: [Bool]) {
    var staysFloat32 = isThin
    for value in graph.outputs { staysFloat32[graph.origin(of: value).node] = true }
    for (index, node) in graph.nodes.enumerated() {
      if node.operation.rule.keepsFloat32 { staysFloat32[index] = true }
      guard node.operation.rule.keepsInputsFloat32 else { continue }
      for input in node.inputs { staysFloat32[graph.origin(of: input).node] = true }
    }
    for index in graph.nodes.indices {
      let origin = graph.origin(of: Value(node: index)).node
      if types[index] == [.float32], !staysFloat32[origin] { types[index] = [.bfloat16] }
    }
  }
}

extension Operation {
  fileprivate var isConvolution: Bool {
    switch self {
    case .convolution, .transposedConvolution, .convolutionKernelGradient: true
    default: false
    }
  }

  fileprivate var isProduct: Bool {
    if case .matrixMultiply = self { true } else { isConvolution }
  }
}
