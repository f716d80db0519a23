import KerasLayers

/// What an operation gets in one call: tensors and plain values by the names of parameters, and its settings.
struct OperationOperands {
  let graph: GraphBuilder
  let settings: Configuration
  private let tensors: [(parameter: String, value: Value)]
  /// The plain values of the call.
  let plain: Configuration

  init(
    _ graph: GraphBuilder, _ values: [Value], _ arguments: CallArguments, _ kind: OperationKind,
    _ settings: Configuration
  ) throws(KerasError) {
    let names = arguments.names.isEmpty ? kind.names(for: values.count) : arguments.names
    guard names.count == values.count else {
      throw KerasError(
        .invalidArgument,
        "\(kind.className) takes \(kind.parameterNames.joined(separator: ", ")), found \(values.count) tensors."
      )
    }
    self.graph = graph
    self.settings = settings
    tensors = zip(names, values).map { ($0, $1) }
    plain = Configuration(arguments.options, of: kind.className)
  }

  /// Every tensor, in order.
  var all: [Value] { tensors.map(\.value) }

  /// The tensor for the parameter `name`, or a constant where a file has numbers in its place; nil for neither.
  ///
  /// - Parameter dataType: of plain numbers, if it can hold them.
  func optional(_ name: String, as dataType: DataType? = nil) throws(KerasError) -> Value? {
    if let tensor = tensors.first(where: { $0.parameter == name }) { return tensor.value }
    guard let json = plain.value(name) else { return nil }
    guard let tensor = Tensor(constant: json, preferring: dataType) else {
      throw plain.wrong(name, "a tensor or numbers", json)
    }
    return graph.constant(tensor)
  }

  func tensor(_ name: String, as dataType: DataType? = nil) throws(KerasError) -> Value {
    guard let value = try optional(name, as: dataType) else { throw plain.missing(name) }
    return value
  }

  /// The first parameter of most operations.
  var x: Value { get throws(KerasError) { try tensor("x") } }

  /// Two operands in one type, which holds the numbers of both; plain numbers take the type of the tensor.
  func pair(_ first: String = "x1", _ second: String = "x2") throws(KerasError) -> (Value, Value) {
    let tensorType = [first, second].compactMap { name in tensors.first { $0.parameter == name } }.first
      .map { graph.spec(of: $0.value).dataType }
    return try graph.promoted(tensor(first, as: tensorType), tensor(second, as: tensorType))
  }
}

extension Tensor {
  /// Numbers as files hold them among arguments: one, lists of lists, or Keras' `__numpy__` and `__tensor__` with
  /// their type. Nil for anything else.
  ///
  /// - Parameter dataType: where the file says none, and if it can hold them; else `float32` or `int32`.
  init?(constant json: JSON, preferring dataType: DataType?) {
    let isTyped = ["__numpy__", "__tensor__"].contains(json["class_name"]?.string)
    let content = isTyped ? json["config"]?["value"] : json
    let stored = isTyped ? json["config"]?["dtype"]?.string.flatMap(DataType.init(rawValue:)) : nil
    guard let content, !isTyped || stored != nil else { return nil }
    var (numbers, shape): ([Double], [Int]) = ([], [])
    guard Self.collect(content, depth: 0, into: &numbers, &shape) else { return nil }
    let isWhole = numbers.allSatisfy { Int32(exactly: $0) != nil } && !content.holdsFraction
    let type =
      stored ?? (dataType.map { $0.isFloatingPoint || isWhole && $0 != .bool ? $0 : nil } ?? nil)
      ?? (content.holdsOnlyTruth ? .bool : isWhole ? .int32 : .float32)
    let plain = Tensor(uninitialized: shape, Double.self) { elements in
      for (position, number) in numbers.enumerated() { elements[position] = number }
    }
    self = plain.converted(to: type)
  }

  private static func collect(
    _ json: JSON, depth: Int, into numbers: inout [Double], _ shape: inout [Int]
  ) -> Bool {
    if let number = json.number ?? json.bool.map({ $0 ? 1 : 0 }) {
      numbers.append(number)
      return depth == shape.count
    }
    guard let array = json.array, depth < 16 else { return false }
    if depth == shape.count {
      // Only on the way down to the first number.
      guard numbers.isEmpty else { return false }
      shape.append(array.count)
    }
    return array.count == shape[depth]
      && array.allSatisfy { collect($0, depth: depth + 1, into: &numbers, &shape) }
  }
}

extension JSON {
  /// Whether a number in it was written with a point.
  fileprivate var holdsFraction: Bool {
    if case .number = self { return true }
    return array?.contains(where: \.holdsFraction) ?? false
  }

  fileprivate var holdsOnlyTruth: Bool { bool != nil || array?.allSatisfy(\.holdsOnlyTruth) ?? false }
}
