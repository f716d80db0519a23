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
  /// How each value is stored; by node, then by output.
  private let types: [[DataType]]
  private let productTypes: [DataType]
  /// What people should know about it.
  let notes: [String]

  init(for graph: Graph, precision: Precision, on cpu: InstructionSet) {
    let narrows = precision == .bfloat16 && cpu.multipliesBFloat16
    let types = narrows ? graph.narrowedTypes() : graph.nodes.map { $0.outputs.map(\.dataType) }
    self.types = types
    productTypes = graph.nodes.indices.map { index in
      let node = graph.nodes[index]
      guard cpu.multipliesBFloat16 else { return .float32 }
      switch node.operation {
      case .convolution, .transposedConvolution, .convolutionKernelGradient, .matrixMultiply:
        if graph.breaksProductsOfPairs(index) { return .float32 }
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
  /// Whether a node is a gradient back through windows of one position from an odd number of filters: oneDNN 2.6 multiplies
  /// bfloat16 numbers in pairs, and there reads beyond the last filter.
  fileprivate func breaksProductsOfPairs(_ index: Int) -> Bool {
    guard case .transposedConvolution(let operation) = nodes[index].operation,
      operation.window.size.allSatisfy({ $0 == 1 }),
      let filters = spec(of: nodes[index].inputs[0]).shape.last ?? nil
    else { return false }
    return filters / operation.groups % 2 == 1
  }
}

extension Operation {
  fileprivate var isProduct: Bool {
    switch self {
    case .convolution, .transposedConvolution, .convolutionKernelGradient, .matrixMultiply: true
    default: false
    }
  }
}
