/// A value of the graph that a layer's `call` is writing, to be computed with by operators.
///
/// ```swift
/// override func call(_ input: Value, in context: CallContext) throws -> Value {
///   let x = context[input]
///   return try ((x - 1) * context[weight("scale")]).value
/// }
/// ```
/// A step that cannot work keeps its error and passes it on; ``value`` throws the first one, so that a formula needs no
/// `try` in its middle.
public struct RecordedValue {
  public let graph: GraphBuilder
  private let outcome: Result<Value, KerasError>

  public init(_ value: Value, in graph: GraphBuilder) {
    self.graph = graph
    outcome = .success(value)
  }

  /// What `record` writes, or its error.
  public init(in graph: GraphBuilder, _ record: () throws(KerasError) -> Value) {
    self.graph = graph
    do {
      outcome = .success(try record())
    } catch {
      outcome = .failure(error)
    }
  }

  /// The value in the graph.
  ///
  /// - Throws: the first error on the way here.
  public var value: Value { get throws(KerasError) { try outcome.get() } }

  /// Shape and element type.
  ///
  /// - Throws: the first error on the way here.
  public var spec: TensorSpec { get throws(KerasError) { graph.spec(of: try value) } }

  /// `function` of every element; whole numbers become `float32` first.
  public func applying(_ function: UnaryFunction) -> RecordedValue {
    RecordedValue(in: graph) { () throws(KerasError) in try graph.unary(function, graph.floating(value)) }
  }
}

extension GraphBuilder {
  /// A value of this graph as an operand of formulas.
  public subscript(value: Value) -> RecordedValue { RecordedValue(value, in: self) }
}

extension RecordedValue {
  /// The sum along some axes.
  public func sum(axes: [Int], keepsDimensions: Bool = false) -> RecordedValue {
    RecordedValue(in: graph) { () throws(KerasError) in
      try graph.sum(value, axes: axes, keepsDimensions: keepsDimensions)
    }
  }

  /// `function` of this and another value, in one type.
  public func combined(_ function: BinaryOperation.Function, with other: RecordedValue) -> RecordedValue {
    RecordedValue(in: graph) { () throws(KerasError) in
      let (a, b) = try graph.promoted(value, other.value)
      return try graph.binary(function, a, b)
    }
  }

  /// The same with a number beside it.
  public func combined(_ function: BinaryOperation.Function, with number: Double) -> RecordedValue {
    RecordedValue(in: graph) { () throws(KerasError) in
      try graph.binary(function, value, graph.scalar(number, like: value))
    }
  }

  /// This where `condition` is true, the other value elsewhere.
  public func kept(where condition: RecordedValue, else other: RecordedValue) -> RecordedValue {
    RecordedValue(in: graph) { () throws(KerasError) in
      try graph.select(condition.value, value, other.value)
    }
  }

  /// This where `condition` is true, a number elsewhere.
  public func kept(where condition: RecordedValue, else number: Double) -> RecordedValue {
    kept(
      where: condition,
      else: RecordedValue(in: graph) { () throws(KerasError) in
        try graph.scalar(number, like: value)
      })
  }
}

extension RecordedValue: Arithmetic {
  public static func computing(
    _ function: PairFunction, _ a: Term<RecordedValue>, _ b: Term<RecordedValue>
  ) -> RecordedValue {
    switch (a, b) {
    case (.element(let a), .element(let b)):
      RecordedValue(in: a.graph) { () throws(KerasError) in try a.graph.pair(function, a.value, b.value) }
    case (.element(let a), .number(let b)):
      RecordedValue(in: a.graph) { () throws(KerasError) in
        let x = try a.value
        return try a.graph.linear(function, x, b).orElse(
          a.graph.pair(function, x, a.graph.number(b, beside: x)))
      }
    case (.number(let a), .element(let b)):
      RecordedValue(in: b.graph) { () throws(KerasError) in
        let x = try b.value
        return try b.graph.linear(function, a, x).orElse(
          b.graph.pair(function, b.graph.number(a, beside: x), x))
      }
    case (.number, .number):
      preconditionFailure("An operator of recorded values has at least one.")
    }
  }

  public static func negating(_ x: RecordedValue) -> RecordedValue {
    RecordedValue(in: x.graph) { () throws(KerasError) in try x.graph.unary(.negate, x.value) }
  }
}

extension GraphBuilder {
  /// A function of two values in one type.
  fileprivate func pair(_ function: PairFunction, _ a: Value, _ b: Value) throws(KerasError) -> Value {
    let (a, b) = try promoted(a, b)
    return switch function {
    case .add: try binary(.add, a, b)
    case .subtract: try binary(.subtract, a, b)
    case .multiply: try binary(.multiply, a, b)
    case .divide: try binary(.divide, floating(a), floating(b))
    case .equal: try compare(.equal, a, b)
    case .notEqual: try compare(.notEqual, a, b)
    case .less: try compare(.less, a, b)
    case .lessEqual: try compare(.lessEqual, a, b)
    case .greater: try compare(.greater, a, b)
    case .greaterEqual: try compare(.greaterEqual, a, b)
    }
  }

  /// A number beside `x`: in the type of `x` if that holds it, else as `int32` or `float32`.
  private func holds(_ type: DataType, _ number: Double) -> Bool {
    type.isFloatingPoint || type != .bool && Int32(exactly: number) != nil
  }

  fileprivate func number(_ number: Double, beside x: Value) -> Value {
    let type = spec(of: x).dataType
    return scalar(number, holds(type, number) ? type : Int32(exactly: number) == nil ? .float32 : .int32)
  }

  /// Sums and products with a number in one step; nil for what has none.
  ///
  /// Numbers of that step are single precision, so that doubles go another way.
  fileprivate func linear(_ function: PairFunction, _ x: Value, _ number: Double) throws(KerasError) -> Value?
  {
    switch function {
    case .add: try linear(x, scale: 1, offset: number)
    case .subtract: try linear(x, scale: 1, offset: -number)
    case .multiply: try linear(x, scale: number, offset: 0)
    default: nil
    }
  }

  fileprivate func linear(_ function: PairFunction, _ number: Double, _ x: Value) throws(KerasError) -> Value?
  {
    switch function {
    case .add: try linear(x, scale: 1, offset: number)
    case .subtract: try linear(x, scale: -1, offset: number)
    case .multiply: try linear(x, scale: number, offset: 0)
    default: nil
    }
  }

  private func linear(_ x: Value, scale: Double, offset: Double) throws(KerasError) -> Value? {
    let type = spec(of: x).dataType
    guard type.isFloatingPoint, type != .float64 else { return nil }
    return try unary(.linear(scale: Float(scale), offset: Float(offset)), x)
  }
}

extension RecordedValue: CustomStringConvertible {
  /// One line for people: what it will be, or what went wrong on the way.
  public var description: String {
    switch outcome {
    case .success(let value): "recorded \(graph.spec(of: value))"
    case .failure(let error): "failed: \(error.what)"
    }
  }
}
