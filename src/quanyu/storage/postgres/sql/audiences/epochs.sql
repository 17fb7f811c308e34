-- Epochs in force.
SELECT audience_no, epoch FROM audience WHERE audience_no = ANY (%(audiences)s)
