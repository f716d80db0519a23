import KerasGraph

/// `l1 · Σ |x|`
public struct L1: Regularizer {
  @Setting("l1", .factor) public private(set) var l1: Double

  public init(_ l1: Double = 0.01) { self.l1 = l1 }

  public func loss(of x: Value, in graph: GraphBuilder) throws(KerasError) -> Value {
    try graph.unary(.linear(scale: Float(l1), offset: 0), total(.absolute, x, in: graph))
  }
}

/// `l2 · Σ x²`
public struct L2: Regularizer {
  @Setting("l2", .factor) public private(set) var l2: Double

  public init(_ l2: Double = 0.01) { self.l2 = l2 }

  public func loss(of x: Value, in graph: GraphBuilder) throws(KerasError) -> Value {
    try graph.unary(.linear(scale: Float(l2), offset: 0), total(.square, x, in: graph))
  }
}

/// `l1 · Σ |x| + l2 · Σ x²`
public struct L1L2: Regularizer {
  @Setting("l1", .factor) public private(set) var l1: Double
  @Setting("l2", .factor) public private(set) var l2: Double

  public init(l1: Double = 0, l2: Double = 0) {
    self.l1 = l1
    self.l2 = l2
  }

  public func loss(of x: Value, in graph: GraphBuilder) throws(KerasError) -> Value {
    switch (l1, l2) {
    case (0, 0): try graph.scalar(0, like: x)
    case (_, 0): try L1(l1).loss(of: x, in: graph)
    case (0, _): try L2(l2).loss(of: x, in: graph)
    default: try graph.add(L1(l1).loss(of: x, in: graph), L2(l2).loss(of: x, in: graph))
    }
  }
}

/// The sum of a function of all elements.
private func total(_ function: UnaryFunction, _ x: Value, in graph: GraphBuilder) throws(KerasError) -> Value
{
  try graph.reduce(.sum, graph.unary(function, x), axes: Array(graph.shape(of: x).indices))
}

extension Regularizer where Self == L1 {
  public static func l1(_ l1: Double = 0.01) -> L1 { L1(l1) }
}

extension Regularizer where Self == L2 {
  public static func l2(_ l2: Double = 0.01) -> L2 { L2(l2) }
}

extension Regularizer where Self == L1L2 {
  public static func l1l2(l1: Double = 0.01, l2: Double = 0.01) -> L1L2 { L1L2(l1: l1, l2: l2) }
}
