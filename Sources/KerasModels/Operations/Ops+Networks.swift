import KerasLayers

// Products, and what layers of networks are made of.

extension Ops {
  /// The matrix product, with NumPy's rules for vectors and stacks of matrices.
  public static func matmul<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("Matmul", [a, b])
  }

  /// Sums of products named by letters: `einsum("bij,bjk->bik", [a, b])`.
  public static func einsum<Element: Operand>(
    _ equation: String, _ operands: [Element]
  ) throws(KerasError) -> Element {
    try one("Einsum", operands, ["subscripts": .string(equation)])
  }

  /// Products summed along the last `count` axes of `a` and the first of `b`.
  public static func tensordot<Element: Operand>(
    _ a: Element, _ b: Element, count: Int = 2
  ) throws(KerasError) -> Element {
    try one("Tensordot", [a, b], ["axes": .integer(count)])
  }

  /// Products summed along pairs of axes, one of `a` and one of `b` each.
  public static func tensordot<Element: Operand>(
    _ a: Element, _ b: Element, axes first: [Int], _ second: [Int]
  ) throws(KerasError) -> Element {
    try one("Tensordot", [a, b], ["axes": [JSON(first), JSON(second)]])
  }

  /// An activation by name or with settings: `Ops.activation(.gelu(), x)`.
  public static func activation<Element: Operand>(
    _ function: ActivationFunction, _ x: Element
  ) throws(KerasError) -> Element {
    let kind = OperationKind.kind(of: function)
    return try one(kind.className, [x], kind.settings)
  }

  public static func softmax<Element: Operand>(_ x: Element, axis: Int = -1) throws(KerasError) -> Element {
    try one("Softmax", [x], ["axis": .integer(axis)])
  }

  /// The logarithm of the softmax, without loss.
  public static func logSoftmax<Element: Operand>(_ x: Element, axis: Int = -1) throws(KerasError) -> Element
  {
    try one("LogSoftmax", [x], ["axis": .integer(axis)])
  }

  /// min(max(x, low), high)
  public static func clip<Element: Operand>(
    _ x: Element, low: Float, high: Float
  ) throws(KerasError) -> Element {
    try one("Clip", [x], ["x_min": .number(Double(low)), "x_max": .number(Double(high))])
  }

  /// a / b, and 0 where b is 0.
  public static func divideNoNaN<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("DivideNoNan", [a, b])
  }

  /// A convolution, `[batch, spatial…, channels]` with `[window…, channels / groups, filters]`. Channels may stand
  /// first; how many groups there are follows from the shapes.
  public static func conv<Element: Operand>(
    _ x: Element, kernel: Element, strides: [Int]? = nil, padding: ConvolutionPadding = .valid,
    dilations: [Int]? = nil, dataFormat: DataFormat = .channelsLast
  ) throws(KerasError) -> Element {
    try one(
      "Conv", [x, kernel],
      [
        "strides": strides.map { JSON($0) } ?? 1, "padding": .string(padding.rawValue),
        "data_format": .string(dataFormat.rawValue), "dilation_rate": dilations.map { JSON($0) } ?? 1,
      ])
  }

  /// The largest element of each window; strides are the window's size unless given.
  public static func maxPool<Element: Operand>(
    _ x: Element, size: [Int], strides: [Int]? = nil, padding: ConvolutionPadding = .valid,
    dataFormat: DataFormat = .channelsLast
  ) throws(KerasError) -> Element {
    try one("MaxPool", [x], poolingSettings(size, strides, padding, dataFormat))
  }

  /// The mean of each window; padding does not count.
  public static func averagePool<Element: Operand>(
    _ x: Element, size: [Int], strides: [Int]? = nil, padding: ConvolutionPadding = .valid,
    dataFormat: DataFormat = .channelsLast
  ) throws(KerasError) -> Element {
    try one("AveragePool", [x], poolingSettings(size, strides, padding, dataFormat))
  }

  private static func poolingSettings(
    _ size: [Int], _ strides: [Int]?, _ padding: ConvolutionPadding, _ dataFormat: DataFormat
  ) -> JSONObject {
    [
      "pool_size": JSON(size), "strides": strides.map { JSON($0) } ?? .null,
      "padding": .string(padding.rawValue), "data_format": .string(dataFormat.rawValue),
    ]
  }

  /// Pictures in another size, with the numbers of `keras.ops.image.resize`.
  ///
  /// - Parameters:
  ///   - images: `[batch, height, width, channels]`, or one picture without the batch; channels may stand first.
  ///   - interpolation: Keras has all but `area`.
  ///   - fitting: what happens to pictures of another aspect ratio: they are distorted, cropped or padded.
  ///   - antialiases: whether fine patterns are averaged out where pictures get smaller.
  /// - Returns: pictures of the same type; integers are rounded and stay in its range.
  public static func resize<Element: Operand>(
    _ images: Element, height: Int, width: Int, interpolation: Resizing.Interpolation = .bilinear,
    fitting: Resizing.Fitting = .stretch, antialiases: Bool = false, dataFormat: DataFormat = .channelsLast
  ) throws(KerasError) -> Element {
    var fillValue = 0.0
    var pads = false
    if case .pad(let value) = fitting { (fillValue, pads) = (value, true) }
    return try one(
      "Resize", [images],
      [
        "size": JSON([height, width]), "interpolation": .string(interpolation.rawValue),
        "antialias": .bool(antialiases), "crop_to_aspect_ratio": .bool(fitting == .crop),
        "pad_to_aspect_ratio": .bool(pads), "fill_mode": "constant", "fill_value": .number(fillValue),
        "data_format": .string(dataFormat.rawValue),
      ])
  }

  /// Channels laid out as squares of pixels, `size` × `size` of each.
  public static func depthToSpace<Element: Operand>(
    _ x: Element, size: Int, dataFormat: DataFormat = .channelsLast
  ) throws(KerasError) -> Element {
    try one(
      "DepthToSpace", [x], ["block_size": .integer(size), "data_format": .string(dataFormat.rawValue)])
  }

  /// Squares of `size` × `size` pixels as channels of one.
  public static func spaceToDepth<Element: Operand>(
    _ x: Element, size: Int, dataFormat: DataFormat = .channelsLast
  ) throws(KerasError) -> Element {
    try one(
      "SpaceToDepth", [x], ["block_size": .integer(size), "data_format": .string(dataFormat.rawValue)])
  }

  /// Runs `step` once for each element along the first axis of `sequence`, carrying `state` along.
  ///
  /// On symbolic tensors it becomes a layer that files do not hold, because `step` is a function of the program.
  ///
  /// - Returns: the last state, and every step's output stacked.
  public static func scan<Element: Operand>(
    state: Element, over sequence: Element,
    _ step:
      @escaping @Sendable (_ state: RecordedValue, _ element: RecordedValue) throws -> (
        state: RecordedValue, output: RecordedValue
      )
  ) throws(KerasError) -> (state: Element, outputs: Element) {
    let results = try Element.applying("scan", to: [state, sequence]) { (graph, x) throws(KerasError) in
      let results = try graph.scan(states: [x[0]], over: [x[1]]) {
        (graph, states, elements, _) throws(KerasError) in
        let result = try wrappingErrors {
          try step(RecordedValue(states[0], in: graph), RecordedValue(elements[0], in: graph))
        }
        return (states: [try result.state.value], outputs: [try result.output.value])
      }
      return results.states + results.outputs
    }
    guard results.count == 2 else { return (results.first ?? state, results.first ?? sequence) }
    return (results[0], results[1])
  }
}
