import KerasGraph

/// Writes the operations of a StableHLO function, one line each.
///
/// Every method appends what it is named after and returns the result; operands broadcast only where a method says so.
/// Shapes are the caller's responsibility: what does not fit, the plugin's compiler refuses.
final class HLOWriter {
  private(set) var lines: [String] = []
  private var valueCount = 0
  private var indentation = "    "

  // MARK: - Writing

  func newName() -> String {
    valueCount += 1
    return "%\(valueCount)"
  }

  /// Appends `%n = text`, whose result is of `spec`.
  func append(_ text: String, _ spec: HLOSpec) -> HLOValue {
    let value = HLOValue(name: newName(), spec: spec)
    lines.append("\(indentation)\(value.name) = \(text)")
    return value
  }

  /// Appends an operation with several results.
  func append(_ text: String, _ specs: [HLOSpec]) -> [HLOValue] {
    guard specs.count != 1 else { return [append(text, specs[0])] }
    let name = newName()
    lines.append("\(indentation)\(name):\(specs.count) = \(text)")
    return specs.enumerated().map { HLOValue(name: "\(name)#\($0.offset)", spec: $0.element) }
  }

  /// The text of a region `{ ^bb0(arguments): … }` whose block `body` writes; what it returns the block returns.
  ///
  /// - Parameter terminator: `stablehlo.return` but in functions.
  func region<Failure: Error>(
    _ arguments: [HLOSpec], _ body: ([HLOValue]) throws(Failure) -> [HLOValue]
  ) throws(Failure) -> String {
    let outer = (lines, indentation)
    defer { (lines, indentation) = outer }
    lines = []
    indentation += "    "
    let values = arguments.map { HLOValue(name: newName(), spec: $0) }
    let results = try body(values)
    let list = values.map { "\($0.name): \($0.spec)" }.joined(separator: ", ")
    let heading = values.isEmpty ? [] : ["\(outer.1)  ^bb0(\(list)):"]
    let closing = "\(indentation)stablehlo.return \(results.names) : \(results.specs)"
    return "{\n" + (heading + lines + [closing]).joined(separator: "\n") + "\n\(outer.1)}"
  }

  // MARK: - Constants

  /// A tensor of one number, as StableHLO writes it.
  private func splat(_ text: String, _ spec: HLOSpec) -> HLOValue {
    append("stablehlo.constant dense<\(text)> : \(spec)", spec)
  }

  /// A tensor filled with `number`, which is rounded to the type: integers towards zero.
  func constant(_ number: Double, _ type: HLOType, _ lengths: [Int] = []) -> HLOValue {
    splat(Self.text(number, type), HLOSpec(lengths, type))
  }

  func integer(_ number: some FixedWidthInteger, _ type: HLOType, _ lengths: [Int] = []) -> HLOValue {
    splat("\(number)", HLOSpec(lengths, type))
  }

  /// A vector of integers.
  func integers(_ numbers: [Int], _ type: HLOType) -> HLOValue {
    splat("[\(numbers.map(String.init).joined(separator: ", "))]", HLOSpec([numbers.count], type))
  }

  /// What every number of a type is at least: −∞ for floating-point numbers.
  func lowest(_ type: HLOType, _ lengths: [Int] = []) -> HLOValue {
    splat(type.integerRange?.lowest ?? Self.text(-.infinity, type), HLOSpec(lengths, type))
  }

  func highest(_ type: HLOType, _ lengths: [Int] = []) -> HLOValue {
    splat(type.integerRange?.highest ?? Self.text(.infinity, type), HLOSpec(lengths, type))
  }

  /// Floating-point numbers are written as their bits, which says infinities and NaN, too.
  private static func text(_ number: Double, _ type: HLOType) -> String {
    func hexadecimal(_ bits: some FixedWidthInteger & UnsignedInteger) -> String {
      let digits = String(bits, radix: 16, uppercase: true)
      return "0x" + String(repeating: "0", count: bits.bitWidth / 4 - digits.count) + digits
    }
    return switch type {
    case .f64: hexadecimal(number.bitPattern)
    case .f32: hexadecimal(Float(number).bitPattern)
    case .f16: hexadecimal(Float16(number).bitPattern)
    case .bf16: hexadecimal(BFloat16(Float(number)).bitPattern)
    case .i1: number != 0 ? "true" : "false"
    case .i8, .i16, .i32, .i64, .ui8, .ui16, .ui32, .ui64: "\(Int64(number))"
    }
  }

  /// A list of integers as an attribute.
  func array(_ numbers: [Int]) -> String {
    numbers.isEmpty ? "array<i64>" : "array<i64: \(numbers.map(String.init).joined(separator: ", "))>"
  }

  // MARK: - Element by element

  /// `stablehlo.name` of one operand, whose result is of its spec.
  func unary(_ name: String, _ x: HLOValue) -> HLOValue {
    append("stablehlo.\(name) \(x.name) : \(x.spec)", x.spec)
  }

  /// `stablehlo.name` of two operands of one spec.
  func binary(_ name: String, _ x: HLOValue, _ y: HLOValue) -> HLOValue {
    append("stablehlo.\(name) \(x.name), \(y.name) : \(x.spec)", x.spec)
  }

  func add(_ x: HLOValue, _ y: HLOValue) -> HLOValue { binary("add", x, y) }
  func subtract(_ x: HLOValue, _ y: HLOValue) -> HLOValue { binary("subtract", x, y) }
  func multiply(_ x: HLOValue, _ y: HLOValue) -> HLOValue { binary("multiply", x, y) }
  func divide(_ x: HLOValue, _ y: HLOValue) -> HLOValue { binary("divide", x, y) }

  /// `stablehlo.name` of `x` and a number of its type.
  func binary(_ name: String, _ x: HLOValue, _ number: Double) -> HLOValue {
    binary(name, x, constant(number, x.type, x.lengths))
  }

  /// A function of CHLO, which the plugin decomposes: `acos`, `asin`, `cosh`, `sinh`, `erf`, `tan`, …
  func chlo(_ name: String, _ x: HLOValue) -> HLOValue {
    append("chlo.\(name) \(x.name) : \(x.spec) -> \(x.spec)", x.spec)
  }

  /// Whether `x direction y` (`EQ`, `NE`, `LT`, `LE`, `GT`, `GE`) holds.
  func compare(_ direction: String, _ x: HLOValue, _ y: HLOValue) -> HLOValue {
    let spec = HLOSpec(x.lengths, .i1)
    return append(
      "stablehlo.compare \(direction), \(x.name), \(y.name), \(x.type.comparison) : (\(x.spec), \(y.spec)) -> \(spec)",
      spec)
  }

  func compare(_ direction: String, _ x: HLOValue, _ number: Double) -> HLOValue {
    compare(direction, x, constant(number, x.type, x.lengths))
  }

  /// - Parameter condition: of the operands' lengths, or a scalar.
  func select(_ condition: HLOValue, _ x: HLOValue, _ y: HLOValue) -> HLOValue {
    append("stablehlo.select \(condition.name), \(x.name), \(y.name) : \(condition.spec), \(x.spec)", x.spec)
  }

  /// Converts as StableHLO does: floating-point numbers beyond an integer's range are undefined.
  func convert(_ x: HLOValue, to type: HLOType) -> HLOValue {
    guard x.type != type else { return x }
    let spec = HLOSpec(x.lengths, type)
    return append("stablehlo.convert \(x.name) : (\(x.spec)) -> \(spec)", spec)
  }

  /// The same bits, as another type of as many.
  func bitcast(_ x: HLOValue, to type: HLOType) -> HLOValue {
    let spec = HLOSpec(x.lengths, type)
    return append("stablehlo.bitcast_convert \(x.name) : (\(x.spec)) -> \(spec)", spec)
  }

  // MARK: - Shapes

  /// Adds axes, and stretches those of length 1.
  ///
  /// - Parameter dimensions: where `x`'s axes stand in the result; by default they are its last.
  func broadcast(_ x: HLOValue, to lengths: [Int], dimensions: [Int]? = nil) -> HLOValue {
    guard x.lengths != lengths else { return x }
    let spec = HLOSpec(lengths, x.type)
    let places = dimensions ?? Array(lengths.count - x.rank..<lengths.count)
    return append("stablehlo.broadcast_in_dim \(x.name), dims = \(places) : (\(x.spec)) -> \(spec)", spec)
  }

  func reshape(_ x: HLOValue, to lengths: [Int]) -> HLOValue {
    guard x.lengths != lengths else { return x }
    let spec = HLOSpec(lengths, x.type)
    return append("stablehlo.reshape \(x.name) : (\(x.spec)) -> \(spec)", spec)
  }

  func transpose(_ x: HLOValue, _ permutation: [Int]) -> HLOValue {
    let spec = HLOSpec(permutation.map { x.lengths[$0] }, x.type)
    return append("stablehlo.transpose \(x.name), dims = \(permutation) : (\(x.spec)) -> \(spec)", spec)
  }

  func slice(_ x: HLOValue, from starts: [Int], to ends: [Int], strides: [Int]? = nil) -> HLOValue {
    let strides = strides ?? starts.map { _ in 1 }
    let lengths = starts.indices.map { max(0, (ends[$0] - starts[$0] + strides[$0] - 1) / strides[$0]) }
    let spec = HLOSpec(lengths, x.type)
    let ranges = starts.indices.map { "\(starts[$0]):\(ends[$0]):\(strides[$0])" }.joined(separator: ", ")
    return append("stablehlo.slice \(x.name) [\(ranges)] : (\(x.spec)) -> \(spec)", spec)
  }

  /// - Parameters:
  ///   - value: a scalar.
  ///   - low, high: what is added on either side of each axis; negative numbers cut.
  ///   - interior: what is put between the elements of each axis.
  func pad(_ x: HLOValue, with value: HLOValue, low: [Int], high: [Int], interior: [Int]? = nil) -> HLOValue {
    let interior = interior ?? low.map { _ in 0 }
    let lengths = x.lengths.indices.map {
      low[$0] + high[$0] + x.lengths[$0] + max(0, x.lengths[$0] - 1) * interior[$0]
    }
    let spec = HLOSpec(lengths, x.type)
    return append(
      "stablehlo.pad \(x.name), \(value.name), low = \(low), high = \(high), interior = \(interior) : (\(x.spec), \(value.spec)) -> \(spec)",
      spec)
  }

  func concatenate(_ values: [HLOValue], axis: Int) -> HLOValue {
    guard values.count != 1 else { return values[0] }
    var spec = values[0].spec
    spec.lengths[axis] = values.reduce(0) { $0 + $1.lengths[axis] }
    return append("stablehlo.concatenate \(values.names), dim = \(axis) : (\(values.specs)) -> \(spec)", spec)
  }

  func reverse(_ x: HLOValue, axes: [Int]) -> HLOValue {
    append("stablehlo.reverse \(x.name), dims = \(axes) : \(x.spec)", x.spec)
  }

  /// 0, 1, … along `axis`.
  func iota(_ lengths: [Int], axis: Int, _ type: HLOType) -> HLOValue {
    let spec = HLOSpec(lengths, type)
    return append("stablehlo.iota dim = \(axis) : \(spec)", spec)
  }

  /// The part of `lengths` that begins at `starts`, scalars of one integer type; it is moved to lie inside.
  func dynamicSlice(_ x: HLOValue, at starts: [HLOValue], lengths: [Int]) -> HLOValue {
    let spec = HLOSpec(lengths, x.type)
    return append(
      "stablehlo.dynamic_slice \(([x] + starts).names), sizes = \(lengths) : (\(([x] + starts).specs)) -> \(spec)",
      spec)
  }

  /// `x` with `part` written over what begins at `starts`.
  func dynamicUpdate(_ x: HLOValue, with part: HLOValue, at starts: [HLOValue]) -> HLOValue {
    let operands = [x, part] + starts
    return append(
      "stablehlo.dynamic_update_slice \(operands.names) : (\(operands.specs)) -> \(x.spec)", x.spec)
  }

  // MARK: - Regions

  /// `stablehlo.function` (`add`, `maximum`, …) over axes, which are gone from the result.
  ///
  /// - Parameter start: a scalar that changes nothing.
  func reduce(_ x: HLOValue, axes: [Int], _ function: String, from start: HLOValue) -> HLOValue {
    guard !axes.isEmpty else { return x }
    let spec = HLOSpec(x.lengths.indices.filter { !axes.contains($0) }.map { x.lengths[$0] }, x.type)
    return append(
      "stablehlo.reduce(\(x.name) init: \(start.name)) applies stablehlo.\(function) across dimensions = \(axes) : (\(x.spec), \(start.spec)) -> \(spec)",
      spec)
  }

  func sum(_ x: HLOValue, axes: [Int]) -> HLOValue {
    reduce(x, axes: axes, "add", from: constant(0, x.type))
  }

  /// Several tensors of the same lengths, reduced together.
  ///
  /// - Parameter body: takes what has gathered so far, then one element of each, all scalars; gives the former anew.
  func reduce(
    _ values: [HLOValue], axes: [Int], from starts: [HLOValue], _ body: ([HLOValue], [HLOValue]) -> [HLOValue]
  ) -> [HLOValue] {
    let lengths = values[0].lengths
    let kept = lengths.indices.filter { !axes.contains($0) }.map { lengths[$0] }
    let specs = values.map { HLOSpec(kept, $0.type) }
    let scalars = values.map { HLOSpec([], $0.type) }
    let text = region(scalars + scalars) { arguments in
      body(Array(arguments.prefix(values.count)), Array(arguments.suffix(values.count)))
    }
    return append(
      "\"stablehlo.reduce\"(\((values + starts).names)) <{dimensions = \(array(axes))}> (\(text)) : (\((values + starts).specs)) -> (\(specs.map { "\($0)" }.joined(separator: ", ")))",
      specs)
  }

  /// Repeats `body` on values as long as `condition`, a scalar truth value, holds.
  func loop<Failure: Error>(
    _ values: [HLOValue], while condition: ([HLOValue]) -> HLOValue,
    _ body: ([HLOValue]) throws(Failure) -> [HLOValue]
  ) throws(Failure) -> [HLOValue] {
    let specs = values.map(\.spec)
    let test = region(specs) { [condition($0)] }
    let step = try region(specs, body)
    return append(
      "\"stablehlo.while\"(\(values.names)) (\(test), \(step)) : (\(values.specs)) -> (\(values.specs))",
      specs)
  }
}
