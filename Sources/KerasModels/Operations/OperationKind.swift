import KerasLayers

/// One of Keras' operations: the class files name it by, the parameters of its call, and what it computes.
///
/// ``Ops`` and files both come by here: a function of `Ops` says class and settings as a file would, so whatever it
/// records can be stored, and what is read is what was recorded.
struct OperationKind: Sendable {
  /// Where Keras keeps a class.
  enum Module: String, Sendable {
    case numpy = "keras.src.ops.numpy"
    case nn = "keras.src.ops.nn"
    case math = "keras.src.ops.math"
    case core = "keras.src.ops.core"
    case image = "keras.src.ops.image"
    case linalg = "keras.src.ops.linalg"
    /// A layer that does what an operation does.
    case layers = "keras.layers"
  }

  /// How the parameters take tensors.
  enum Arity: Sendable {
    /// Each takes one.
    case each
    /// The first takes a list.
    case list
    /// There are as many as there are tensors.
    case any
  }

  typealias Record = @Sendable (OperationOperands) throws(KerasError) -> [Value]

  var className = ""
  let module: Module
  let parameterNames: [String]
  let arity: Arity
  let record: Record

  init(_ module: Module, _ parameterNames: [String], _ arity: Arity = .each, _ record: @escaping Record) {
    self.module = module
    self.parameterNames = parameterNames
    self.arity = arity
    self.record = record
  }

  /// Every operation by the name of its class.
  static let all: [String: OperationKind] = {
    var all: [String: OperationKind] = [:]
    for table in [functions, comparisons, reductions, movements, choices, networks, pictures] {
      for (name, kind) in table {
        var kind = kind
        kind.className = name
        all[name] = kind
      }
    }
    return all
  }()

  /// - Throws: `unknownName` for an operation that is not known here.
  static func named(_ className: String) throws(KerasError) -> OperationKind {
    if let kind = all[className] { return kind }
    let near = nearestNames(to: className, among: all.keys.sorted())
    throw KerasError(
      .unknownName, "There is no operation called `\(className)`.",
      remedy: (near.isEmpty ? "" : "did you mean " + near.joined(separator: ", ") + "? ")
        + "Documentation/Operations.md lists those that are known.")
  }

  /// The parameter that takes a list even of one tensor.
  var listParameter: String? { arity == .list ? parameterNames.first : nil }

  /// The parameters of a call, in order.
  func parameters(_ settings: JSONObject) -> [String] {
    guard arity == .any else { return parameterNames }
    // Keras counts them by the commas of `einsum`.
    let terms = (settings["subscripts"]?.string ?? "").prefix { $0 != "-" }
    return [String](repeating: parameterNames[0], count: terms.count { $0 == "," } + 1)
  }

  /// The parameter each of `count` tensors in a row is for.
  func names(for count: Int) -> [String] {
    arity == .each
      ? Array(parameterNames.prefix(count)) : [String](repeating: parameterNames[0], count: count)
  }
}

extension OperationKind {
  /// An operation with one result.
  static func one(
    _ module: Module, _ parameterNames: [String] = ["x"], _ arity: Arity = .each,
    _ record: @escaping @Sendable (OperationOperands) throws(KerasError) -> Value
  ) -> OperationKind {
    OperationKind(module, parameterNames, arity) { (call) throws(KerasError) in [try record(call)] }
  }
}
