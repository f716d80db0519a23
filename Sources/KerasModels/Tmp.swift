extension Model { public func loadWeights(from path: String) throws(KerasError) { } }
