import KerasLayers

// Products, and what layers of networks are made of.

extension Ops {
  /// The matrix product, with NumPy's rules for vectors and stacks of matrices.
  public static func matmul<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("matmul", [a, b]) { (graph, x) throws(KerasError) in try graph.matrixProduct(x[0], x[1]) }
  }

  /// Sums of products named by letters: `einsum("bij,bjk->bik", [a, b])`.
  public static func einsum<Element: Operand>(
    _ equation: String, _ operands: [Element]
  ) throws(KerasError) -> Element {
    try one("einsum", operands) { (graph, x) throws(KerasError) in try graph.einsum(equation, x) }
  }

  /// An activation by name or with settings: `Ops.activation(.gelu(), x)`.
  public static func activation<Element: Operand>(
    _ function: ActivationFunction, _ x: Element
  ) throws(KerasError) -> Element {
    try one("activation", [x]) { (graph, x) throws(KerasError) in try function.apply(to: x[0], in: graph) }
  }

  public static func softmax<Element: Operand>(_ x: Element, axis: Int = -1) throws(KerasError) -> Element {
    try one("softmax", [x]) { (graph, x) throws(KerasError) in try graph.softmax(x[0], axis: axis) }
  }

  /// The logarithm of the softmax, without loss.
  public static func logSoftmax<Element: Operand>(_ x: Element, axis: Int = -1) throws(KerasError) -> Element {
    try one("log_softmax", [x]) { (graph, x) throws(KerasError) in
      try graph.binary(.subtract, x[0], graph.logSumExp(x[0], axes: [axis], keepsDimensions: true))
    }
  }

  /// min(max(x, low), high)
  public static func clip<Element: Operand>(
    _ x: Element, low: Float, high: Float
  ) throws(KerasError) -> Element {
    try one("clip", [x]) { (graph, x) throws(KerasError) in try graph.unary(.clip(low: low, high: high), x[0]) }
  }

  /// a / b, and 0 where b is 0.
  public static func divideNoNaN<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("divide_no_nan", [a, b]) { (graph, x) throws(KerasError) in try graph.divideNoNaN(x[0], x[1]) }
  }

  /// A convolution, `[batch, spatial…, channels]` with `[window…, channels / groups, filters]`.
  public static func conv<Element: Operand>(
    _ x: Element, kernel: Element, strides: [Int]? = nil, padding: ConvolutionPadding = .valid,
    dilations: [Int]? = nil, groups: Int = 1
  ) throws(KerasError) -> Element {
    try one("conv", [x, kernel]) { (graph, x) throws(KerasError) in
      let size = graph.shape(of: x[1]).dropLast(2).compactMap { $0 }
      let window = try window(
        over: graph.shape(of: x[0]), size: size, strides: strides ?? size.map { _ in 1 },
        dilations: dilations ?? size.map { _ in 1 }, padding)
      return try graph.convolution(x[0], kernel: x[1], window: window, groups: groups)
    }
  }

  /// The largest element of each window; strides are the window's size unless given.
  public static func maxPool<Element: Operand>(
    _ x: Element, size: [Int], strides: [Int]? = nil, padding: ConvolutionPadding = .valid
  ) throws(KerasError) -> Element {
    try pool(.maximum, "max_pool", x, size, strides, padding)
  }

  /// The mean of each window; padding does not count.
  public static func averagePool<Element: Operand>(
    _ x: Element, size: [Int], strides: [Int]? = nil, padding: ConvolutionPadding = .valid
  ) throws(KerasError) -> Element {
    try pool(.average, "average_pool", x, size, strides, padding)
  }

  private static func pool<Element: Operand>(
    _ kind: PoolingOperation.Kind, _ name: String, _ x: Element, _ size: [Int], _ strides: [Int]?,
    _ padding: ConvolutionPadding
  ) throws(KerasError) -> Element {
    try one(name, [x]) { (graph, x) throws(KerasError) in
      let window = try window(
        over: graph.shape(of: x[0]), size: size, strides: strides ?? size, dilations: size.map { _ in 1 }, padding)
      return try graph.pooling(kind, x[0], window: window)
    }
  }

  private static func window(
    over shape: Shape, size: [Int], strides: [Int], dilations: [Int], _ padding: ConvolutionPadding
  ) throws(KerasError) -> Window {
    guard shape.rank == size.count + 2, strides.count == size.count, dilations.count == size.count else {
      throw KerasError(
        .shapeMismatch,
        "A window over \(size.count) axes needs a tensor of rank \(size.count + 2), found \(shape).")
    }
    return Window(
      size, strides: strides, dilations: dilations,
      padding: try padding.amounts(for: shape, size: size, strides: strides, dilations: dilations))
  }

  /// Runs `step` once for each element along the first axis of `sequence`, carrying `state` along.
  ///
  /// - Returns: the last state, and every step's output stacked.
  public static func scan<Element: Operand>(
    state: Element, over sequence: Element,
    _ step: @escaping @Sendable (_ state: RecordedValue, _ element: RecordedValue) throws(KerasError) -> (
      state: RecordedValue, output: RecordedValue
    )
  ) throws(KerasError) -> (state: Element, outputs: Element) {
    let results = try Element.applying("scan", to: [state, sequence]) { (graph, x) throws(KerasError) in
      let results = try graph.scan(states: [x[0]], over: [x[1]]) {
        (graph, states, elements, _) throws(KerasError) in
        let result = try step(RecordedValue(states[0], in: graph), RecordedValue(elements[0], in: graph))
        return ([result.state.value], [result.output.value])
      }
      return results.states + results.outputs
    }
    guard results.count == 2 else { return (results.first ?? state, results.first ?? sequence) }
    return (results[0], results[1])
  }
}

// MARK: - Operators

/// Arithmetic on symbolic tensors; what does not fit is an error of the model made of them.
extension SymbolicTensor {
  public static func + (a: SymbolicTensor, b: SymbolicTensor) -> SymbolicTensor { recorded(a, b, .add, "add") }
  public static func - (a: SymbolicTensor, b: SymbolicTensor) -> SymbolicTensor {
    recorded(a, b, .subtract, "subtract")
  }
  public static func * (a: SymbolicTensor, b: SymbolicTensor) -> SymbolicTensor {
    recorded(a, b, .multiply, "multiply")
  }
  public static func / (a: SymbolicTensor, b: SymbolicTensor) -> SymbolicTensor {
    recorded(a, b, .divide, "divide")
  }

  private static func recorded(
    _ a: SymbolicTensor, _ b: SymbolicTensor, _ function: BinaryOperation.Function, _ name: String
  ) -> SymbolicTensor {
    OperationLayer(name) { (graph, x) throws(KerasError) in [try graph.binary(function, x[0], x[1])] }
      .apply(to: [a, b])[0]
  }
}
